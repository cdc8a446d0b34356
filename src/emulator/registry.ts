import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomic } from '../lib/atomicFile.ts';
import { isSameFolder, realFolder } from '../lib/folder.ts';
import { createLock, readLock, removeLock } from '../lib/lockFile.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { isAlive, startOf } from '../lib/processes.ts';

const entrySchema = v.object({
  pid: v.number(),
  /** Start time of the process, if the system provides it; a later process with the same PID has another. */
  started: v.optional(v.string()),
  port: v.number(),
  endpoint: v.string(),
  project: v.string(),
  state: v.string(),
  timeScale: v.number(),
  /** Wall time, milliseconds. */
  startedAt: v.number(),
});

/** Contents of `<state>/emulator.json`. */
export type RegistryEntry = v.InferOutput<typeof entrySchema>;

const fileOf = (state: string): string => join(state, 'emulator.json');

/** The bearer token and proxy password of the folder's emulator. */
export const tokenFile = (state: string): string => join(state, 'token');

/** Publishes where the emulator listens. */
export const writeEntry = (entry: RegistryEntry): void =>
  writeFileAtomic(fileOf(entry.state), `${JSON.stringify(entry, null, 2)}\n`);

/** The entry of a live process; undefined for a dead process or another folder's entry: then this folder is a copy. */
export const readEntry = (state: string): RegistryEntry | undefined => {
  if (!existsSync(fileOf(state))) return undefined;
  const parsed = v.safeParse(entrySchema, JSON.parse(readFileSync(fileOf(state), 'utf8')));
  if (!parsed.success) return undefined;
  const { pid, started, state: its } = parsed.output;
  return isAlive(pid, started) && isSameFolder(its, state) ? parsed.output : undefined;
};

/** Removes this process's own entry. */
export const removeRegistration = (state: string): void => {
  if (readEntry(state)?.pid === process.pid) rmSync(fileOf(state));
};

const lockOf = (state: string): string => join(state, 'emulator.lock');

// Holder and folder of the lock: copying a folder also copies its lock.
const myLock = (state: string): string => [process.pid, startOf(process.pid) ?? '', realFolder(state)].join(' ');

interface Lock {
  readonly pid: number;
  readonly started: string | undefined;
  readonly folder: string | undefined;
}

// Earlier versions wrote only the PID, or the PID and start time.
const parseLock = (text: string): Lock => {
  const [id = '', started, ...path] = text.split(' ');
  return { pid: Number(id), started: started || undefined, folder: path.length > 0 ? path.join(' ') : undefined };
};

/** Whether this process still holds the folder; false once the folder was deleted: another emulator may use it by now. */
export const holdsFolder = (state: string): boolean => {
  const { pid, started } = parseLock(readLock(lockOf(state)) ?? '');
  return pid === process.pid && started === startOf(process.pid);
};

const removeMine = (state: string): void => {
  if (holdsFolder(state)) rmSync(lockOf(state));
};

/**
 * Locks the folder for this process, so that two emulators never share a
 * state. A stale lock (dead process, other folder) is replaced.
 */
export const lockFolder = (state: string): (() => void) => {
  const file = lockOf(state);
  const mine = myLock(state);
  for (let tries = 0; tries < 5; tries++) {
    if (createLock(file, mine)) return () => removeMine(state);
    const found = readLock(file);
    if (found === undefined) continue;
    refuseRunning(state, found);
    removeLock(file, found);
  }
  throw new OperatorError('emulator', `Cannot lock the state folder, other processes keep taking it: ${state}`);
};

const refuseRunning = (state: string, lock: string): void => {
  const { pid, started, folder } = parseLock(lock);
  if (!(pid > 0) || pid === process.pid || !isAlive(pid, started)) return;
  if (folder !== undefined && !isSameFolder(folder, state)) return;
  throw new OperatorError(
    'emulator',
    `An emulator is already running on this state folder: ${state} (process ${pid})`,
    {
      remedy: 'Use it, stop it with `trizone emulator stop`, or choose another folder with --state.',
    },
  );
};
