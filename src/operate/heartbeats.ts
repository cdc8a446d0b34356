import { heartbeatMs, type Lease } from '../engine/lease.ts';
import type { Clock } from '../lib/clock.ts';
import { asOperatorError } from '../lib/operatorError.ts';
import { leaseSeconds } from '../steps/lease.ts';
import type { Fence } from './fence.ts';

/** What is kept alive, and what is notified of a loss. */
export interface Kept {
  readonly wall: Clock;
  /** This computer's lease. */
  readonly local: Lease;
  /** The cluster's lease. */
  readonly fence: Fence;
  /** Aborted with the reason: ends the run at the next safe point, as a cancel would. */
  readonly lost: AbortController;
}

/** Runs `work` while keeping both leases alive; the heartbeats have stopped when it returns. */
export const withHeartbeats = async <T>(kept: Kept, work: () => Promise<T>): Promise<T> => {
  const stop = new AbortController();
  const beats = Promise.all([
    keepAlive(kept, heartbeatMs, stop.signal, () => kept.local.beat()),
    keepAlive(kept, leaseSeconds.beat * 1000, stop.signal, () => kept.fence.beat()),
  ]);
  try {
    return await work();
  } finally {
    stop.abort();
    await beats;
  }
};

// A failed heartbeat is retried at the next interval.
const keepAlive = async (
  kept: Kept,
  ms: number,
  stop: AbortSignal,
  beat: () => Promise<void> | void,
): Promise<void> => {
  for (;;) {
    await kept.wall.sleep(ms, stop).catch(() => undefined); // ended by stop
    if (stop.aborted) return;
    try {
      await beat();
    } catch (e) {
      const error = asOperatorError(e);
      if (error.code === 'leased' || error.retry === 'never') kept.lost.abort(error);
    }
  }
};
