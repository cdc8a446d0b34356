import { heartbeatMs, type Lease } from '../engine/lease.ts';
import type { Clock } from '../lib/clock.ts';
import { asOperatorError } from '../lib/operatorError.ts';
import { leaseSeconds } from '../steps/lease.ts';
import type { Fence } from './fence.ts';

/** What is kept alive, and who is told when it is lost. */
export interface Kept {
  readonly wall: Clock;
  /** This computer's lease. */
  readonly local: Lease;
  /** The cluster's. */
  readonly fence: Fence;
  /** Ends the run at the next safe point, as a person's cancel would, with the reason. */
  readonly lost: AbortController;
}

/** Does `work` while both leases are kept alive; their heartbeats have ended when it returns. */
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

// A heartbeat that merely fails is tried again at the next one.
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
