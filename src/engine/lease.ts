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
  /** When that process started, if the system provides it: PIDs are reused. */
  started: v.optional(v.string()),
  host: v.string(),
  verb: v.string(),
  run: v.string(),
  /** Wall time, milliseconds. */
  since: v.number(),
});

/** Holder of a cluster's local lease; shown in the refusal. */
export type Holder = v.InferOutput<typeof holderSchema>;

/** A held lease. */
export interface Lease {
  /** Renews the lease; call every `heartbeatMs`. */
  beat(): void;
  release(): void;
}

/** Wall milliseconds between heartbeats of the local lease. */
export const heartbeatMs = 10_000;
/** Wall milliseconds without a heartbeat after which a live process's lease can be taken over, with explicit consent. */
export const lapsedAfterMs = 60_000;

/**
 * Acquires a cluster's lease for this process, or throws `leased` with its holder and since when. The lease of a dead
 * process on this computer is taken over at once (resume relies on that); an expired one needs `takeOver`.
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

/** Current holder of a cluster's lease; undefined if its process is dead or its heartbeat has expired. */
export const liveHolder = (folder: string, cluster: string, wall: Clock): Holder | undefined => {
  const path = join(folder, 'leases', `${cluster}.lock`);
  const holder = read(path)?.holder;
  return holder === undefined || isDead(holder) || isSilent(path, wall) ? undefined : holder;
};

const isDead = (holder: Holder): boolean => holder.host === hostname() && !isAlive(holder.pid, holder.started);

// A heartbeat in the future does not count: the clock was set back, and a live holder has renewed it since.
const isSilent = (path: string, wall: Clock): boolean => {
  const beat = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Math.abs(wall.now() - beat) > lapsedAfterMs;
};

// Sets the first heartbeat explicitly: a file server may have a clock of its own.
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
    return undefined; // not written by us: held by no run
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
