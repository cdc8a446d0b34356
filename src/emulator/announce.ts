import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../lib/atomicFile.ts';
import { makeFolder } from '../lib/folder.ts';
import { randomText, systemIds } from '../lib/ids.ts';
import { emulatorEnvironment, environmentScript } from './environment.ts';
import { type RegistryEntry, tokenFile, writeEntry } from './registry.ts';

/** Secret of a state folder's emulator, created at its first start; kubeconfigs that hold it survive a restart. */
export const keptSecret = (state: string): string => {
  const file = tokenFile(state);
  if (!existsSync(file)) writeFileAtomic(file, randomText(systemIds, 40));
  return readFileSync(file, 'utf8').trim();
};

/** Publishes where the emulator listens: a registry entry, and `env.sh` for shells to source. */
export const announce = (entry: RegistryEntry): void => {
  makeFolder(join(entry.state, 'gcloud'));
  writeFileAtomic(join(entry.state, 'env.sh'), environmentScript(emulatorEnvironment(entry)));
  writeEntry(entry);
};
