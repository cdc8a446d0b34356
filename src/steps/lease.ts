import { message } from '../lib/message.ts';
import { knownFacts, type WriteContext } from '../engine/step.ts';
import type { Call, Owned, Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/kinds.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { labelKeys, readRoot } from '../model/marker.ts';
import type { After, CloudStep, Reads, Writes } from './world.ts';
import { leaseStep } from './stepIds.ts';

/** Wall seconds between heartbeats (each is an operation), and after which a silent holder's lease has expired. */
export const leaseSeconds = { beat: 60, lapsed: 300 } as const;

// Heartbeats use wall time on every clock; one interval more than must pass, as a margin for the requests.
const waiting = {
  wallMs: (leaseSeconds.lapsed + leaseSeconds.beat) * 1000,
  ifLate: toRun('To keep waiting for the lease', command`trizone resume --take-over`),
} as const;

/** What the step needs to know about the cluster; a teardown knows no more. */
export interface Leased {
  readonly region: string;
  readonly names: { readonly rootAddress: string };
}

type Labels = Readonly<Record<string, string>>;

/** A lease as read once, with the record's labels and the fingerprint for a compare-and-set based on this read. */
export interface Held {
  /** The root record's uid: identifies the cluster. */
  readonly uid: string | undefined;
  readonly holder: string | undefined;
  readonly verb: string;
  /** Unix seconds by Google's clock. */
  readonly at: number;
  readonly now: number;
  readonly mine: boolean;
  readonly isProtected: boolean;
  /** How often the lease was acquired; it never decreases, so two equal values prove that no run was in between. */
  readonly generation: number;
  /** The run that last acquired it, or whose undo did; unknown if an earlier version did. */
  readonly run: string | undefined;
  readonly labels: Labels;
  readonly labelFingerprint: string;
}

/** The acquirer of a lease. */
export interface Acting {
  /** The verb, as recorded in the lease. */
  readonly verb: string;
  /** Whether it is refused on a protected cluster. */
  readonly risky: boolean;
  /** Whether to acquire the lease from a dead run. */
  readonly takeOver: boolean;
}

/** Further options of acquiring a lease. */
export interface LeaseOptions {
  /** Labels written together with the lease. */
  readonly marks?: Labels;
  /** Checked on the very read that the write is based on: why this run must not acquire the lease, whoever holds it. */
  readonly refusal?: (held: Held) => OperatorError | undefined;
}

/** The root record. */
export const rootRef = (root: Leased): Ref<'addresses'> => ({
  kind: 'addresses',
  name: root.names.rootAddress,
  region: root.region,
});

/**
 * Holds the cluster against other computers: labels on the root record, written by compare-and-set. The same state
 * folder takes over its own dead run at once; others are refused or, with `takeOver`, wait until the lease has expired.
 * `marks` are written together with it: an address accepts labels only after insert, and each write is an operation.
 * Its output is the generation it found: a run compares it with the one in its plan.
 */
export const holdLease = (
  root: Leased,
  { verb, risky, takeOver }: Acting,
  after: After,
  { marks = {}, refusal = () => undefined }: LeaseOptions = {},
): CloudStep<number, Held | undefined> => ({
  id: leaseStep(root.names),
  housekeeping: true,
  title: message('Acquire the cluster lease'),
  after,
  timeoutMs: 10 * 60_000,
  ...(takeOver && waiting),
  expectedMs: 4000,
  observe: (ctx) => readLease(ctx.world, root),
  decide: (seen) => {
    const found = knownFacts(seen);
    if (found === undefined) return { do: 'hold' };
    if (risky && found.isProtected) return { do: 'refuse', error: protectedError(verb) };
    const error = isFree(found) || takeOver ? refusal(found) : leasedError(found);
    return error === undefined ? { do: 'hold' } : { do: 'refuse', error };
  },
  perform: async (ctx, _change, found) => {
    if (found === undefined) return gone(verb, noRecord());
    const held = isFree(found) ? found : await outlive(ctx, root, found);
    const error = refusal(held);
    if (error !== undefined) throw error;
    const taken = { [labelKeys.run]: ctx.run, [labelKeys.generation]: String(held.generation + 1) };
    const labels = { ...held.labels, ...taken, ...marks };
    try {
      const record = await ctx.world.cloud.compute.own(rootRef(root));
      await writeLease(ctx.world, record, verb, { ...held, labels }, ctx.call());
    } catch (error) {
      return gone(verb, error);
    }
    return held.generation;
  },
});

// The teardown of a dead run may be deleting the record at this very moment: then there is nothing left to hold.
const gone = (verb: string, error: unknown): number => {
  if ((verb === 'down' || verb === 'undo') && OperatorError.is(error, 'not-found')) return 0;
  throw error;
};

const noRecord = (): OperatorError =>
  new OperatorError('not-found', "The cluster's root record is missing: the cluster was torn down", {
    remedy: toRun('See', command`trizone status`),
  });

/** The current lease; undefined if the root record is gone. */
export const readLease = async (world: Reads, root: Leased): Promise<Held | undefined> => {
  const found = await world.cloud.compute.get(rootRef(root));
  return found && heldOf(world, found);
};

/** The lease in a root record that was just read. */
export const heldOf = async (world: Reads, found: Resources['addresses']): Promise<Held> => {
  const { labels, labelFingerprint } = found;
  const holder = labels[labelKeys.leaseHolder] || undefined;
  return {
    uid: readRoot(found.description)?.uid,
    holder,
    verb: labels[labelKeys.leaseVerb] ?? '?',
    at: Number(labels[labelKeys.leaseAt] ?? 0),
    now: Math.round((await world.cloud.compute.serverNow()) / 1000),
    mine: holder === world.holder,
    isProtected: labels[labelKeys.protected] === 'true',
    generation: Number(labels[labelKeys.generation] ?? 0),
    run: labels[labelKeys.run],
    labels,
    labelFingerprint,
  };
};

const protectedError = (verb: string): OperatorError =>
  new OperatorError('refused', `The cluster is protected from drills, removals, and teardown: ${verb}`, {
    remedy: toRun('To proceed anyway, first run', command`trizone protect off`),
  });

const isFree = (held: Held): boolean => held.holder === undefined || held.mine;

/**
 * Seconds since the holder's last heartbeat if the lease has expired, otherwise undefined; both arguments in seconds by
 * Google's clock.
 */
export const lapsedSeconds = (now: number, at: number): number | undefined =>
  now - at >= leaseSeconds.lapsed ? now - at : undefined;

/** The error that another computer holds the cluster, with its verb and the age of its last heartbeat. */
export const leasedError = (held: Held): OperatorError => {
  const silent = held.now - held.at;
  const lapsed = lapsedSeconds(held.now, held.at) !== undefined;
  return new OperatorError(
    'leased',
    `Another computer holds the cluster: ${held.verb}, last heartbeat ${silent} s ago`,
    {
      retry: 'later',
      remedy: lapsed
        ? 'Its lease has expired. To take over, use --take-over.'
        : `Wait for it, or use --take-over to take over after ${leaseSeconds.lapsed} s without a heartbeat.`,
    },
  );
};

// Waits until the lease has expired and returns the read that proved it; a heartbeat during the wait means that the
// holder is alive, and it refuses.
const outlive = async (ctx: WriteContext<Writes>, root: Leased, first: Held): Promise<Held> => {
  let held = first;
  while (held.now - held.at < leaseSeconds.lapsed) {
    const left = leaseSeconds.lapsed - (held.now - held.at);
    ctx.progress(`another computer's lease (${held.verb}) expires in ${left} s`);
    await ctx.world.wall.sleep(Math.min(left, 15) * 1000, ctx.signal);
    const seen = await readLease(ctx.world, root);
    if (seen === undefined) throw noRecord();
    if (isFree(seen)) return seen;
    if (seen.at !== first.at || seen.holder !== first.holder) throw leasedError(seen);
    held = seen;
  }
  return held;
};

/** Writes the lease with the fingerprint of the read it is based on: a concurrent write makes it fail as a conflict. */
export const writeLease = async (
  world: Writes,
  record: Owned<'addresses'>,
  verb: string,
  seen: Pick<Held, 'labels' | 'labelFingerprint'>,
  call: Call,
): Promise<void> => {
  const at = String(Math.round((await world.cloud.compute.serverNow()) / 1000));
  const lease = {
    [labelKeys.leaseHolder]: world.holder,
    [labelKeys.leaseVerb]: verb,
    [labelKeys.leaseAt]: at,
  };
  const { labels, labelFingerprint } = seen;
  await world.cloud.compute.act(record, 'setLabels', { labels: { ...labels, ...lease }, labelFingerprint }, call);
};

/**
 * Releases the lease at the end of a run that still holds it, but keeps its generation and run; nothing to do if the
 * root record is gone. `holds`: whether it is this run's lease, not that of another run on the same computer.
 */
export const releaseLease = async (
  world: Writes,
  root: Leased,
  holds: (held: Held) => boolean,
  call: Call,
): Promise<void> => {
  const record = await heldRecord(world, root, holds);
  if (record?.found === undefined) return;
  const leaseLabels: readonly string[] = [labelKeys.leaseHolder, labelKeys.leaseVerb, labelKeys.leaseAt];
  const { labelFingerprint } = record.found;
  const labels = Object.fromEntries(Object.entries(record.found.labels).filter(([key]) => !leaseLabels.includes(key)));
  await world.cloud.compute.act(record, 'setLabels', { labels, labelFingerprint }, call);
};

// The root record, unless another run holds the lease.
const heldRecord = async (
  world: Writes,
  root: Leased,
  holds: (held: Held) => boolean,
): Promise<Owned<'addresses'> | undefined> => {
  try {
    return await world.cloud.compute.own(rootRef(root), async (found) => holds(await heldOf(world, found)));
  } catch (error) {
    if (OperatorError.is(error, 'foreign')) return undefined;
    throw error;
  }
};
