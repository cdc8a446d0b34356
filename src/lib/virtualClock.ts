import { cancelled, type Clock } from './clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

// Turns of the event loop without a new timer or hold after which everything is assumed to be asleep. In-process
// requests need a handful of turns; too small a number would only fire a timer a little early, never lose one.
const quietTurns = 12;

/**
 * Time that jumps to the next timer as soon as everything in the process sleeps: hours of waiting simulated in
 * milliseconds.
 */
export class VirtualClock implements Clock {
  readonly leastDeadlineMs = 0; // computing takes no virtual time
  private time: number;
  private shifted = 0;
  private order = 0;
  private held = 0;
  private quiet = 0;
  private turning = false;
  private timers: Timer[] = [];

  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.time = start;
  }

  now(): number {
    return this.time + this.shifted;
  }

  /** Simulates setting the wall clock by `ms`; measurements and sleeps are unaffected. */
  shift(ms: number): void {
    this.shifted += ms;
  }

  monotonic(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(cancelled(signal));
        return;
      }
      const onAbort = (): void => {
        this.timers = this.timers.filter((t) => t !== timer);
        reject(cancelled(signal));
      };
      const timer: Timer = {
        at: this.time + Math.max(0, ms),
        order: this.order++,
        fire: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.add(timer);
    });
  }

  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.held++;
    try {
      return await work();
    } finally {
      this.held--;
      this.quiet = 0;
      this.turn();
    }
  }

  /** Number of pending timers; 0 means that nothing will ever happen by itself again. */
  get pending(): number {
    return this.timers.length;
  }

  private add(timer: Timer): void {
    const at = this.timers.findIndex((t) => t.at > timer.at);
    if (at < 0) this.timers.push(timer);
    else this.timers.splice(at, 0, timer);
    this.quiet = 0;
    this.turn();
  }

  private turn(): void {
    if (this.turning || this.timers.length === 0 || this.held > 0) return;
    this.turning = true;
    setImmediate(() => {
      this.turning = false;
      if (this.held > 0) return;
      if (++this.quiet > quietTurns) this.fireNext();
      this.turn();
    });
  }

  private fireNext(): void {
    this.quiet = 0;
    const next = this.timers.shift();
    if (next === undefined) return;
    this.time = Math.max(this.time, next.at);
    next.fire();
  }
}
