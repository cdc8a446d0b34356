import { OperatorError } from './operatorError.ts';

/**
 * The only source of time. Two clocks exist side by side: cluster time (what waits for the cloud or a machine; the emulator
 * scales it) and wall time (leases, journals, certificates).
 */
export interface Clock {
  /** Milliseconds since the epoch of this clock. */
  now(): number;
  /**
   * Milliseconds since some moment of its own, for what measures how long something takes: a wall clock that somebody sets does
   * not move it. Where the computer sleeps it may stand still; `now()` tells of that.
   */
  monotonic(): number;
  /** Resolves after `ms`; rejects with code `cancelled` when the signal aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Runs real input/output during which virtual time must stand still (sockets, processes). On real clocks it is just the call.
   * Never wrap something that itself sleeps on this clock: it would wait for ever.
   */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /** Milliseconds of this clock below which a deadline would judge this computer, not the cloud (20 s of wall time); 0 where the two keep pace. */
  readonly leastDeadlineMs: number;
}

/** The error of a sleep or wait that was ended by its signal: its own reason where that is one of ours. */
export const cancelled = (signal?: AbortSignal): OperatorError =>
  signal?.reason instanceof OperatorError ? signal.reason : new OperatorError('cancelled', 'Cancelled');

/** Wall time. */
export const wallClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleepReal(ms, signal),
  hold: (work) => work(),
  leastDeadlineMs: 0,
};

// Handshakes and processes of this computer take their time however fast the clock runs; a busy laptop needs seconds for some.
const leastWallMs = 20_000;

/** How long `wallMs` of wall time are on a clock. */
export const fromWall = ({ leastDeadlineMs }: Clock, wallMs: number): number =>
  leastDeadlineMs === 0 ? wallMs : wallMs * (leastDeadlineMs / leastWallMs);

/**
 * Cluster time of an emulator: one simulated second takes `scale` real seconds. `offset` makes the clock start at a given
 * simulated instant (milliseconds), so that an emulator that restarts goes on where it stopped.
 */
export const scaledClock = (scale: number, startAt?: number): Clock => {
  const start = performance.now();
  const origin = startAt ?? Date.now();
  return {
    // Somebody who sets this computer's clock by an hour would move it by fifty.
    now: () => origin + (performance.now() - start) / scale,
    monotonic: () => performance.now() / scale,
    sleep: (ms, signal) => sleepReal(ms * scale, signal),
    hold: (work) => work(),
    leastDeadlineMs: scale < 1 ? leastWallMs / scale : 0,
  };
};

// Node's timers overflow beyond 2^31-1 ms and fire at once: longer sleeps are cut into pieces.
const longestTimer = 2 ** 31 - 1;

const sleepReal = async (ms: number, signal?: AbortSignal): Promise<void> => {
  let left = Math.max(0, ms);
  do {
    await sleepOnce(Math.min(left, longestTimer), signal);
    left -= longestTimer;
  } while (left > 0);
};

const sleepOnce = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(cancelled(signal));
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(cancelled(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
