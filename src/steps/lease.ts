import { message } from '../lib/message.ts';
import { knownFacts, type WriteContext } from '../engine/step.ts';
import type { Call, Owned, Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/kinds.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { labelKeys, readRoot } from '../model/marker.ts';
import type { After, CloudStep, Reads, Writes } from './world.ts';
import { leaseStep } from './stepIds.ts';

/** Wall seconds between heartbeats (each is an operation), and after which a silent holder's lease has lapsed. */
export const leaseSeconds = { beat: 60, lapsed: 300 } as const;

// Heartbeats are wall time on every clock; one more than has to pass, for what is asked beside.
const waiting = {
  wallMs: (leaseSeconds.lapsed + leaseSeconds.beat) * 1000,
  ifLate: toRun('To keep waiting for the lease', command`trizone resume --take-over`),
} as const;

/** What the step needs to know of the cluster; tear down knows no more. */
export interface Leased {
  readonly region: string;
  readonly names: { readonly rootAddress: string };
}

type Labels = Readonly<Record<string, string>>;

/** A lease as one look shows it, with the record's labels and the fingerprint by which a change of them is decided on this look. */
export interface Held {
  /** Of the root record: which cluster it is. */
  readonly uid: string | undefined;
  readonly holder: string | undefined;
  readonly verb: string;
  /** Unix seconds by Google's clock. */
  readonly at: number;
  readonly now: number;
  readonly mine: boolean;
  readonly isProtected: boolean;
  /** How often the lease was taken; nobody takes it back, so two equal ones say that no run was in between. */
  readonly generation: number;
  /** Run that took it last, or whose undo did; not known of an earlier Trizone's. */
  readonly run: string | undefined;
  readonly labels: Labels;
  readonly labelFingerprint: string;
}

/** Who holds a lease. */
export interface Acting {
  /** The verb, as the lease notes it. */
  readonly verb: string;
  /** Refused on a protected cluster. */
  readonly risky: boolean;
  /** Takes the lease from a run that is gone. */
  readonly takeOver: boolean;
}

/** What else a run says of its lease. */
export interface LeaseOptions {
  /** Written along. */
  readonly marks?: Labels;
  /** Asked of the very look that is written on: why this run may not take it, whoever holds it. */
  readonly refusal?: (held: Held) => OperatorError | undefined;
}

/** The root record. */
export const rootRef = (root: Leased): Ref<'addresses'> => ({
  kind: 'addresses',
  name: root.names.rootAddress,
  region: root.region,
});

/**
 * Holds the cluster against other computers: labels on the root record, written by compare-and-set. The same state folder
 * takes over its own dead run at once; others wait, or with `takeOver` until the lease has lapsed. `marks` are written along: an
 * address takes labels only after its insert, and each writing is an operation.
 * Its output is the generation that it found: a run compares it with the one that its plan saw.
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

// A tear down that ends, asked for by a run that is gone, may take the record away in this very moment: nothing is left to hold.
const gone = (verb: string, error: unknown): number => {
  if ((verb === 'down' || verb === 'undo') && OperatorError.is(error, 'not-found')) return 0;
  throw error;
};

const noRecord = (): OperatorError =>
  new OperatorError('not-found', "The cluster's root record is missing: the cluster was torn down", {
    remedy: toRun('See', command`trizone status`),
  });

/** The lease as it is now; undefined where the root record is gone. */
export const readLease = async (world: Reads, root: Leased): Promise<Held | undefined> => {
  const found = await world.cloud.compute.get(rootRef(root));
  return found && heldOf(world, found);
};

/** The lease as the root record shows it that was read right now. */
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

/** Seconds since the holder's last heartbeat, where that is longer than its lease lasts; both in seconds by Google's clock. */
export const lapsedSeconds = (now: number, at: number): number | undefined =>
  now - at >= leaseSeconds.lapsed ? now - at : undefined;

/** That another computer holds the cluster, with its verb and the age of its last heartbeat. */
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

// Waits until the lease has lapsed, and gives the look that showed it; a heartbeat meanwhile means that the holder lives, and refuses.
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

/** Writes the lease by the fingerprint of the look that was decided on: who was faster in between makes it fail as a conflict. */
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
 * Releases the lease at the end of a run that still holds it, but keeps its generation and who it was; a root record that is gone needs
 * none. `holds`: whether it is the run's own, not that of another run of the same computer.
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
