import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomic } from '../lib/atomicFile.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { isAlive } from '../lib/processes.ts';

const entrySchema = v.object({
  pid: v.number(),
  port: v.number(),
  endpoint: v.string(),
  project: v.string(),
  state: v.string(),
  timeScale: v.number(),
  /** Wall time, milliseconds. */
  startedAt: v.number(),
});

/** What `<state>/emulator.json` tells of the running emulator. */
export type RegistryEntry = v.InferOutput<typeof entrySchema>;

const fileOf = (state: string): string => join(state, 'emulator.json');

/** The bearer token and proxy password of the folder's emulator. */
export const tokenFile = (state: string): string => join(state, 'token');

/** Tells others where the emulator is. */
export const writeEntry = (entry: RegistryEntry): void =>
  writeFileAtomic(fileOf(entry.state), `${JSON.stringify(entry, null, 2)}\n`);

/** The entry of a process that lives; one of a dead process counts as none. */
export const readEntry = (state: string): RegistryEntry | undefined => {
  if (!existsSync(fileOf(state))) return undefined;
  const parsed = v.safeParse(entrySchema, JSON.parse(readFileSync(fileOf(state), 'utf8')));
  return parsed.success && isAlive(parsed.output.pid) ? parsed.output : undefined;
};

/** Removes this process's own entry. */
export const removeEntry = (state: string): void => {
  if (readEntry(state)?.pid === process.pid) rmSync(fileOf(state));
};

/** Holds the folder for this process; never two emulators on one state. The lock of a dead process is taken over. */
export const lockFolder = (state: string): (() => void) => {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const file = join(state, 'emulator.lock');
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    takeOver(state, file);
  }
};

// Moving the dead lock aside is atomic: of two that try, one moves it and the other looks again.
const takeOver = (state: string, file: string): void => {
  const pid = Number(existsSync(file) ? readFileSync(file, 'utf8') : 0);
  if (pid !== process.pid && pid > 0 && isAlive(pid)) {
    throw new OperatorError('emulator', `An emulator already runs on this state folder: ${state} (process ${pid})`, {
      remedy: 'Use that one, stop it with `trizone emulator stop`, or choose another folder with --state.',
    });
  }
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    rmSync(aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
};
