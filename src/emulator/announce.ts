import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../lib/atomicFile.ts';
import { makeFolder } from '../lib/folder.ts';
import { randomText, systemIds } from '../lib/ids.ts';
import { emulatorEnvironment, environmentScript } from './environment.ts';
import { type RegistryEntry, tokenFile, writeEntry } from './registry.ts';

/** The secret of a state folder's emulator, made at its first start: kubeconfigs that hold it survive a restart. */
export const keptSecret = (state: string): string => {
  const file = tokenFile(state);
  if (!existsSync(file)) writeFileAtomic(file, randomText(systemIds, 40));
  return readFileSync(file, 'utf8').trim();
};

/** Tells programs and people where the emulator is: registry entry, and `env.sh` to be read by a shell. */
export const announce = (entry: RegistryEntry): void => {
  makeFolder(join(entry.state, 'gcloud'));
  writeFileAtomic(join(entry.state, 'env.sh'), environmentScript(emulatorEnvironment(entry)));
  writeEntry(entry);
};
