import type { VirtualClock } from '../../../src/lib/virtualClock.ts';

/** How a computer's network treats a request: answers, a refusal at once, or silence. */
export type Network = 'up' | 'refused' | 'silent';

/** The error of a connection that breaks, as fetch throws it. */
export const broken = (code: 'ECONNRESET' | 'ECONNREFUSED'): TypeError =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) });

/**
 * One person's computer on the clock that all share: its own wall clock, which somebody may set; sleep, in which nothing on it
 * happens and its monotonic clock stands still; its network; its disk. Processes come and go on it.
 */
export class Computer {
  readonly base: VirtualClock;
  /** How far its wall clock is off. */
  offsetMs = 0;
  isDiskFull = false;
  /** How long the next answer about a root record is on its way. */
  nextRootMs = 0;
  /** Journal records that its processes may still write before all of them die. */
  recordsLeft = Infinity;
  private sleptMs = 0;
  private asleepSince: number | undefined;
  private waking = Promise.withResolvers<void>();
  private net: Network = 'up';
  private back = Promise.withResolvers<void>();
  private breaks = 0;

  constructor(base: VirtualClock) {
    this.base = base;
  }

  get network(): Network {
    return this.net;
  }

  /** Grows whenever connections are lost: what was on its way then is not heard of any more. */
  get lost(): number {
    return this.breaks;
  }

  get isAsleep(): boolean {
    return this.asleepSince !== undefined;
  }

  /** At this very instant: what its processes were about to send is sent. */
  get isFallingAsleep(): boolean {
    return this.asleepSince === this.base.now();
  }

  /** Milliseconds in which it was awake. */
  monotonic(): number {
    return (this.asleepSince ?? this.base.now()) - this.sleptMs;
  }

  sleep(): void {
    if (this.asleepSince !== undefined) return;
    this.asleepSince = this.base.now();
    this.waking = Promise.withResolvers();
    this.breaks++;
  }

  wake(): void {
    if (this.asleepSince === undefined) return;
    this.sleptMs += this.base.now() - this.asleepSince;
    this.asleepSince = undefined;
    this.waking.resolve();
  }

  /** Resolves at once while it is awake. */
  async awake(): Promise<void> {
    while (this.isAsleep) await this.waking.promise;
  }

  cut(how: Exclude<Network, 'up'>): void {
    if (this.net === 'up') this.back = Promise.withResolvers();
    this.net = how;
    this.breaks++;
  }

  mend(): void {
    this.net = 'up';
    this.back.resolve();
  }

  /** Resolves at once while the network is up. */
  async connected(): Promise<void> {
    while (this.net !== 'up') await this.back.promise;
  }
}
