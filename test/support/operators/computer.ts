import type { VirtualClock } from '../../../src/lib/virtualClock.ts';

/** How a computer's network handles a request: answers, an immediate refusal, or silence. */
export type Network = 'up' | 'refused' | 'silent';

/** The error of a broken connection, as thrown by fetch. */
export const broken = (code: 'ECONNRESET' | 'ECONNREFUSED'): TypeError =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) });

/**
 * One user's computer on the shared clock: its own wall clock, which may be set; sleep, in which nothing on it happens
 * and its monotonic clock stands still; its network; its disk. Processes come and go on it.
 */
export class Computer {
  readonly base: VirtualClock;
  /** Offset of its wall clock. */
  offsetMs = 0;
  isDiskFull = false;
  /** Delay of the next answer about a root record, in milliseconds. */
  nextRootMs = 0;
  /** Journal records that its processes can still write before all of them die. */
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

  /** Grows whenever connections are lost: requests then under way are never answered. */
  get lost(): number {
    return this.breaks;
  }

  get isAsleep(): boolean {
    return this.asleepSince !== undefined;
  }

  /** Whether it falls asleep at this instant: requests about to be sent are still sent. */
  get isFallingAsleep(): boolean {
    return this.asleepSince === this.base.now();
  }

  /** Milliseconds that it was awake. */
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

  /** Resolves once it is awake. */
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

  /** Resolves once the network is up. */
  async connected(): Promise<void> {
    while (this.net !== 'up') await this.back.promise;
  }
}
