import { cancelled, type Clock } from '../lib/clock.ts';

// Compute Engine's long-standing default is 20 requests per second for each group of methods (gce-api.md §5, "Rate").
// We stay below it so that gcloud or a second user still gets through, and allow a short burst because a plan reads all
// kinds at once.
const perSecond = 15;
const burst = 30;
const inFlight = 16;

/**
 * Rate and concurrency limits of our requests, for all services together, in cluster time. Long polls (`wait`) count
 * toward the rate but not toward concurrency: sixteen operations that take minutes would otherwise block all reads.
 */
export class Limits {
  private readonly clock: Clock;
  private next = 0;
  private busy = 0;
  private readonly queue: (() => void)[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async run<T>(long: boolean, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.turn(signal);
    if (long) return work();
    await this.enter();
    try {
      if (signal?.aborted) throw cancelled(signal);
      return await work();
    } finally {
      this.busy--;
      this.queue.shift()?.();
    }
  }

  // A token bucket as a single number: `next` is when the next request is due at the steady rate.
  private async turn(signal: AbortSignal | undefined): Promise<void> {
    const now = this.clock.monotonic();
    this.next = Math.max(this.next, now - (burst * 1000) / perSecond) + 1000 / perSecond;
    // Less than a millisecond is a rounding error.
    if (this.next - now >= 1) await this.clock.sleep(this.next - now, signal);
  }

  private async enter(): Promise<void> {
    while (this.busy >= inFlight) await new Promise<void>((free) => this.queue.push(free));
    this.busy++;
  }
}
