import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { Clock } from '../lib/clock.ts';
import { randomText, type Ids } from '../lib/ids.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { isAlive } from '../lib/processes.ts';
import { writeFileAtomic } from '../lib/atomicFile.ts';

const holderSchema = v.object({
  pid: v.number(),
  host: v.string(),
  verb: v.string(),
  run: v.string(),
  /** Wall time, milliseconds. */
  since: v.number(),
});

/** Who holds a cluster on this computer: shown to the one who has to wait. */
export type Holder = v.InferOutput<typeof holderSchema>;

/** A held lease. */
export interface Lease {
  /** Call every `heartbeatMs`. */
  beat(): void;
  release(): void;
}

/** Wall milliseconds between heartbeats of the local lease. */
export const heartbeatMs = 10_000;
/** Without a heartbeat for this long (wall time) a living process's lease may be taken over on an explicit yes. */
export const lapsedAfterMs = 60_000;

/**
 * Takes the lease of one cluster for this process, or refuses with who has it and since when. A lease whose process is dead is
 * taken over at once; that is what resume is. One whose heartbeat lapsed needs `takeOver`.
 */
export const takeLease = (
  folder: string,
  cluster: string,
  me: Omit<Holder, 'pid' | 'host'>,
  wall: Clock,
  takeOver = false,
): Lease => {
  const path = join(folder, 'leases', `${cluster}.lock`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ pid: process.pid, host: hostname(), ...me });
  for (let tries = 0; tries < 5; tries++) {
    if (createExclusive(path, text)) return held(path, text, wall);
    const before = read(path);
    if (before === undefined) continue;
    if (!mayTake(path, before.holder, wall, takeOver)) throw leased(before.holder, wall);
    moveAside(path, before.text);
  }
  throw new OperatorError('leased', `Could not take the lease, others are faster: ${cluster}`, { retry: 'later' });
};

/** Who holds a cluster right now: a process of this computer that lives and whose heartbeat is not older than a lapse. */
export const livingHolder = (folder: string, cluster: string, wall: Clock): Holder | undefined => {
  const path = join(folder, 'leases', `${cluster}.lock`);
  const holder = read(path)?.holder;
  if (holder === undefined || (holder.host === hostname() && !isAlive(holder.pid))) return undefined;
  const beat = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return wall.now() - beat > lapsedAfterMs ? undefined : holder;
};

const held = (path: string, text: string, wall: Clock): Lease => ({
  beat: () => {
    if (read(path)?.text !== text) throw new OperatorError('leased', 'The lease was taken over by another run');
    const now = wall.now() / 1000;
    utimesSync(path, now, now);
  },
  release: () => {
    if (read(path)?.text === text) rmSync(path);
  },
});

// Written aside and linked, so that nobody ever reads half a holder.
const createExclusive = (path: string, text: string): boolean => {
  const aside = `${path}.${process.pid}.new`;
  writeFileAtomic(aside, text);
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside);
  }
};

const read = (path: string): { text: string; holder: Holder | undefined } | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return { text, holder: parseHolder(text) };
};

const parseHolder = (text: string): Holder | undefined => {
  try {
    return v.parse(holderSchema, JSON.parse(text));
  } catch {
    return undefined; // not written by us: nobody's
  }
};

const mayTake = (path: string, holder: Holder | undefined, wall: Clock, takeOver: boolean): boolean => {
  if (holder === undefined) return true;
  if (holder.host === hostname() && !isAlive(holder.pid)) return true;
  return takeOver && wall.now() - statSync(path).mtimeMs > lapsedAfterMs;
};

// Rename is atomic; should it have caught a newer lease than the one that was judged, that one is put back.
const moveAside = (path: string, judged: string): void => {
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== judged) linkSync(aside, path);
  rmSync(aside);
};

const leased = (holder: Holder | undefined, wall: Clock): OperatorError => {
  const seconds = holder === undefined ? 0 : Math.max(0, Math.round((wall.now() - holder.since) / 1000));
  return new OperatorError(
    'leased',
    `Another run holds the cluster: ${holder?.verb ?? '?'} for ${seconds} s (process ${holder?.pid ?? '?'})`,
    {
      retry: 'later',
      remedy: 'Wait for it, or say --take-over once its process no longer answers.',
    },
  );
};

/** Id of this state folder towards other computers; drawn once and kept. */
export const holderId = (folder: string, ids: Ids): string => {
  const path = join(folder, 'holder');
  const known = read(path)?.text.trim();
  if (known !== undefined && /^[a-z0-9]{10}$/.test(known)) return known;
  const fresh = randomText(ids, 10);
  writeFileAtomic(path, fresh);
  return fresh;
};
