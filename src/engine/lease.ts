import { rmSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Clock } from '../lib/clock.ts';
import { createLock, readLock, removeLock } from '../lib/lockFile.ts';
import { elsewhere, onDisk } from '../lib/onDisk.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { isAlive, startOf } from '../lib/processes.ts';

const holderSchema = v.object({
  pid: v.number(),
  /** When that process began, where the system tells; a later one with the same id is another. */
  started: v.optional(v.string()),
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
  me: Omit<Holder, 'pid' | 'started' | 'host'>,
  wall: Clock,
  takeOver = false,
): Lease => {
  const path = join(folder, 'leases', `${cluster}.lock`);
  const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid), host: hostname(), ...me });
  for (let tries = 0; tries < 5; tries++) {
    if (onDisk('Nothing was changed: cannot write the lease', path, elsewhere, () => createLock(path, text)))
      return held(path, text, wall);
    const before = read(path);
    if (before === undefined) continue;
    if (!mayTake(path, before.holder, wall, takeOver)) throw leased(before.holder, wall);
    removeLock(path, before.text);
  }
  throw new OperatorError('leased', `Cannot acquire the lease, other processes keep taking it: ${cluster}`, {
    retry: 'later',
  });
};

/** Who holds a cluster right now: a process of this computer that lives and whose heartbeat is not older than a lapse. */
export const liveHolder = (folder: string, cluster: string, wall: Clock): Holder | undefined => {
  const path = join(folder, 'leases', `${cluster}.lock`);
  const holder = read(path)?.holder;
  return holder === undefined || isDead(holder) || isSilent(path, wall) ? undefined : holder;
};

const isDead = (holder: Holder): boolean => holder.host === hostname() && !isAlive(holder.pid, holder.started);

// A heartbeat of a time to come is as good as none: somebody has set the clock back, and who lives has beaten since.
const isSilent = (path: string, wall: Clock): boolean => {
  const beat = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Math.abs(wall.now() - beat) > lapsedAfterMs;
};

// The first heartbeat is of now, too: a file server may have a clock of its own.
const held = (path: string, text: string, wall: Clock): Lease => {
  const beat = (): void => {
    if (readLock(path) !== text) throw new OperatorError('leased', 'Another run took over the lease');
    const now = wall.now() / 1000;
    onDisk('Cannot write the heartbeat', path, ', then run: trizone resume', () => utimesSync(path, now, now));
  };
  beat();
  return {
    beat,
    release: () => {
      if (readLock(path) === text) rmSync(path);
    },
  };
};

const read = (path: string): { text: string; holder: Holder | undefined } | undefined => {
  const text = onDisk('Cannot read the lease', path, elsewhere, () => readLock(path));
  return text === undefined ? undefined : { text, holder: parseHolder(text) };
};

const parseHolder = (text: string): Holder | undefined => {
  try {
    return v.parse(holderSchema, JSON.parse(text));
  } catch {
    return undefined; // not written by us: nobody's
  }
};

const mayTake = (path: string, holder: Holder | undefined, wall: Clock, takeOver: boolean): boolean => {
  if (holder === undefined || isDead(holder)) return true;
  return takeOver && isSilent(path, wall);
};

const leased = (holder: Holder | undefined, wall: Clock): OperatorError => {
  const seconds = holder === undefined ? 0 : Math.max(0, Math.round((wall.now() - holder.since) / 1000));
  return new OperatorError(
    'leased',
    `Another run holds the cluster: ${holder?.verb ?? '?'} for ${seconds} s (process ${holder?.pid ?? '?'})`,
    {
      retry: 'later',
      remedy: 'Wait for it to finish. If its process is hung, use --take-over.',
    },
  );
};
