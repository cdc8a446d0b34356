import { OperatorError } from './operatorError.ts';

/**
 * The only source of time. Two clocks exist side by side: cluster time (for waiting on the cloud or a machine; the
 * emulator scales it) and wall time (leases, journals, certificates).
 */
export interface Clock {
  /** Milliseconds since the epoch of this clock. */
  now(): number;
  /**
   * Milliseconds since an arbitrary origin, for measuring durations: setting the wall clock does not affect it. It may
   * stop while the computer sleeps; `now()` shows that.
   */
  monotonic(): number;
  /** Resolves after `ms`; rejects with code `cancelled` when the signal aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Runs real I/O (sockets, processes) during which virtual time must stand still. On real clocks it just calls `work`.
   * Never wrap work that itself sleeps on this clock: it would wait forever.
   */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Deadlines shorter than this (milliseconds of this clock; 20 s of wall time) would measure this computer, not the
   * cloud; 0 where clock and wall time keep pace.
   */
  readonly leastDeadlineMs: number;
}

/** The error of a sleep or wait ended by its signal: the signal's reason if that is an OperatorError. */
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

// TLS handshakes and local processes take real time however fast the clock runs; a busy laptop needs seconds for some.
const leastWallMs = 20_000;

/** Converts `wallMs` of wall time to milliseconds of a clock. */
export const fromWall = ({ leastDeadlineMs }: Clock, wallMs: number): number =>
  leastDeadlineMs === 0 ? wallMs : wallMs * (leastDeadlineMs / leastWallMs);

/**
 * Cluster time of an emulator: one simulated second takes `scale` real seconds. `startAt` starts the clock at a given
 * simulated instant (milliseconds since the epoch), so that a restarted emulator continues where it stopped.
 */
export const scaledClock = (scale: number, startAt?: number): Clock => {
  const start = performance.now();
  const origin = startAt ?? Date.now();
  return {
    // Not Date.now(): setting the computer's clock by an hour would shift cluster time by 1/scale hours.
    now: () => origin + (performance.now() - start) / scale,
    monotonic: () => performance.now() / scale,
    sleep: (ms, signal) => sleepReal(ms * scale, signal),
    hold: (work) => work(),
    leastDeadlineMs: scale < 1 ? leastWallMs / scale : 0,
  };
};

// Node's timers overflow beyond 2^31-1 ms and fire immediately, so longer sleeps are split.
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
