import type { Call, Owned } from '../gce/cloud.ts';
import type { Clock } from '../lib/clock.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { ClusterIdentity } from '../model/clusterIdentity.ts';
import { heldOf, leasedError, leaseSeconds, rootRef, writeLease, type Held, type Leased } from '../steps/lease.ts';
import type { Writes } from '../steps/world.ts';

/** What the fence of a run needs. */
export interface FenceParts {
  readonly world: Writes;
  readonly root: Leased;
  readonly identity: ClusterIdentity;
  readonly verb: string;
  readonly wall: Clock;
  /** A new call for each heartbeat, with its own request ID. */
  readonly call: () => Call;
  /** Called once when the lease is lost: the run ends. */
  readonly lost: (error: OperatorError) => void;
}

/** A moment on both clocks: sleep stops the monotonic one, setting the time moves the other. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

// Half of the lease's duration: a change may be in flight this long after the last successful heartbeat.
const oldMs = (leaseSeconds.lapsed * 1000) / 2;

/**
 * The run's side of its lease. Before each change to the world it verifies that the lease is still held: by the last
 * successful heartbeat or, if that is too old, by a new one that must succeed first.
 */
export class Fence {
  private readonly p: FenceParts;
  private beaten: Moment | undefined;
  private generation = 0;
  private leaving = false;
  private error: OperatorError | undefined;
  private beating: Promise<void> | undefined;

  constructor(parts: FenceParts) {
    this.p = parts;
  }

  /** Whether this run has acquired the lease. */
  get isHeld(): boolean {
    return this.beaten !== undefined;
  }

  /** Whether the root record is being deleted by this run. */
  get isLeaving(): boolean {
    return this.leaving;
  }

  /** The current moment, to be passed to `took` once the request that starts now has succeeded. */
  now(): Moment {
    return { monotonic: this.p.wall.monotonic(), wall: this.p.wall.now() };
  }

  /** Records that the lease was written, with this generation, by a request that started at `began`. */
  took(generation: number, began: Moment): void {
    this.generation = generation;
    this.beaten = began;
  }

  /**
   * The root record is being deleted, and the lease with it: from here on its absence is not a loss, and no heartbeat
   * is written, which would conflict with the deletion.
   */
  async leave(): Promise<void> {
    await this.check();
    this.leaving = true;
  }

  /** Throws the reason if the lease is no longer held. */
  async check(): Promise<void> {
    if (this.beaten === undefined)
      throw new OperatorError('refused', 'Nothing can be changed before the cluster lease is acquired');
    if (this.error !== undefined) throw this.error;
    while (this.isOld(this.beaten)) await this.beat();
  }

  // Applies even to a heartbeat that has just succeeded: the computer may have slept between request and response. If
  // the clock was set back, the length of the sleep, and so the age, is unknown.
  private isOld({ monotonic, wall }: Moment): boolean {
    const now = this.now();
    return now.wall < wall || Math.max(now.monotonic - monotonic, now.wall - wall) > oldMs;
  }

  /** Renews the lease once, or joins a renewal in progress. Does nothing until the lease is held. */
  async beat(): Promise<void> {
    if (this.beaten === undefined) return;
    this.beating ??= this.beatOnce().finally(() => (this.beating = undefined));
    await this.beating;
  }

  private async beatOnce(): Promise<void> {
    const began = this.now();
    const record = await this.look();
    if (record.found !== undefined && !this.leaving)
      await writeLease(this.p.world, record, this.p.verb, record.found, this.p.call());
    this.beaten = began;
  }

  // The root record if the lease is still ours; it may be gone if it is to be deleted anyway.
  private async look(): Promise<Owned<'addresses'>> {
    const { world, root, verb } = this.p;
    const record = await world.cloud.compute.own(rootRef(root), async (found) =>
      this.isStillOurs(await heldOf(world, found)),
    );
    if (record.found === undefined && !this.leaving && verb !== 'down') throw this.lose(undefined);
    return record;
  }

  /** Whether the lease is this run's, not that of a later run on the same computer. */
  holds(held: Held): boolean {
    return held.uid === this.p.identity.uid && held.mine && held.generation === this.generation;
  }

  private isStillOurs(held: Held): boolean {
    if (this.holds(held)) return true;
    throw this.lose(held);
  }

  private lose(held: Held | undefined): OperatorError {
    this.error = lostError(held, this.p.identity);
    this.p.lost(this.error);
    return this.error;
  }
}

const lostError = (held: Held | undefined, identity: ClusterIdentity): OperatorError => {
  if (held?.uid === identity.uid && held.holder !== undefined && !held.mine) return leasedError(held);
  const what =
    held?.uid === identity.uid
      ? "Another run has held the cluster since this run's last heartbeat"
      : `The cluster was deleted after this run's last heartbeat: uid ${identity.uid}`;
  return new OperatorError('leased', what, {
    remedy: [toRun('Check the cluster', command`trizone status`), toRun('then', command`trizone resume`)],
  });
};
