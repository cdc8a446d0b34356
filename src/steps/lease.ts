import type { Seen, WriteContext } from '../engine/step.ts';
import type { Call, Ref } from '../gce/cloud.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { labelKeys } from '../model/marker.ts';
import { isRisky } from '../model/verbs.ts';
import type { After, CloudStep, Reads, Writes } from './world.ts';

/** Wall seconds between heartbeats (each is an operation), and after which a silent holder's lease has lapsed. */
export const leaseSeconds = { beat: 60, lapsed: 300 } as const;

/** What the step needs to know of the cluster; tear down knows no more. */
export interface Leased {
  readonly region: string;
  readonly names: { readonly rootAddress: string };
}

type Labels = Readonly<Record<string, string>>;

interface Held {
  readonly holder: string | undefined;
  readonly verb: string;
  /** Unix seconds by Google's clock. */
  readonly at: number;
  readonly now: number;
  readonly mine: boolean;
  readonly isProtected: boolean;
}

/** The root record. */
export const rootRef = (c: Leased): Ref<'addresses'> => ({
  kind: 'addresses',
  name: c.names.rootAddress,
  region: c.region,
});

/**
 * Holds the cluster against other computers: labels on the root record, written by compare-and-set. The same state folder
 * takes over its own dead run at once; others wait, or with `takeOver` until the lease has lapsed. `risky` verbs are refused on a
 * protected cluster. `marks` are written along: an address takes labels only after its insert, and each writing is an operation.
 */
export const holdLease = (
  c: Leased,
  verb: string,
  takeOver: boolean,
  after: After,
  { risky = isRisky(verb), marks = {} }: { readonly risky?: boolean; readonly marks?: Labels } = {},
): CloudStep<void, Held> => ({
  id: `lease:${c.names.rootAddress}`,
  title: "Hold the cluster's lease",
  after,
  timeoutMs: 10 * 60_000,
  expectedMs: 4000,
  observe: (ctx) => observeLease(ctx.world, c),
  decide: (seen) => {
    if (risky && seen.state === 'present' && seen.facts.isProtected)
      return { do: 'refuse', error: protectedError(verb) };
    if (seen.state !== 'present' || mayTake(seen.facts) || takeOver) return { do: 'hold' };
    return { do: 'refuse', error: leasedError(seen.facts) };
  },
  perform: async (ctx, _change, seen) => {
    if (seen.state === 'present' && !mayTake(seen.facts)) await outlive(ctx, c, seen.facts);
    await writeLease(ctx.world, c, verb, ctx.call(), marks);
  },
});

const observeLease = async (world: Reads, c: Leased): Promise<Seen<Held>> => {
  const found = await world.cloud.compute.get(rootRef(c));
  if (found === undefined) return { state: 'absent' };
  const holder = found.labels[labelKeys.leaseHolder];
  const at = Number(found.labels[labelKeys.leaseAt] ?? 0);
  const now = Math.round((await world.cloud.compute.serverNow()) / 1000);
  const verb = found.labels[labelKeys.leaseVerb] ?? '?';
  const isProtected = found.labels[labelKeys.protected] === 'true';
  const mine = holder === world.holder;
  return { state: 'present', facts: { holder: holder || undefined, verb, at, now, mine, isProtected } };
};

const protectedError = (verb: string): OperatorError =>
  new OperatorError('refused', `The cluster is protected against drills, removals and tear down: ${verb}`, {
    remedy: 'If it is meant all the same: trizone protect off',
  });

const mayTake = (held: Held): boolean => held.holder === undefined || held.mine;

const leasedError = (held: Held): OperatorError => {
  const silent = held.now - held.at;
  const lapsed = silent >= leaseSeconds.lapsed;
  return new OperatorError(
    'leased',
    `Another computer holds the cluster: ${held.verb}, last heard of ${silent} s ago`,
    {
      retry: 'later',
      remedy: lapsed
        ? 'Its lease has lapsed: say --take-over to go on in its place.'
        : `Wait for it, or say --take-over to go on once it was silent for ${leaseSeconds.lapsed} s.`,
    },
  );
};

// Waits until the lease has lapsed; a heartbeat meanwhile means that the holder lives, and refuses.
const outlive = async (ctx: WriteContext<Writes>, c: Leased, first: Held): Promise<void> => {
  for (let held = first; held.now - held.at < leaseSeconds.lapsed;) {
    const left = leaseSeconds.lapsed - (held.now - held.at);
    ctx.progress(`another computer's lease (${held.verb}) lapses in ${left} s`);
    await ctx.world.wall.sleep(Math.min(left, 15) * 1000, ctx.signal);
    const seen = await observeLease(ctx.world, c);
    if (seen.state !== 'present' || mayTake(seen.facts)) return;
    if (seen.facts.at !== first.at) throw leasedError(seen.facts);
    held = seen.facts;
  }
};

const writeLease = async (
  { cloud, holder }: Writes,
  c: Leased,
  verb: string,
  call: Call,
  marks: Labels = {},
): Promise<void> => {
  const found = await cloud.compute.get(rootRef(c));
  if (found === undefined) return;
  const at = String(Math.round((await cloud.compute.serverNow()) / 1000));
  const lease = { [labelKeys.leaseHolder]: holder, [labelKeys.leaseVerb]: verb, [labelKeys.leaseAt]: at };
  const labels = { ...found.labels, ...marks, ...lease };
  try {
    await cloud.compute.act(rootRef(c), 'setLabels', { labels, labelFingerprint: found.labelFingerprint }, call);
  } catch (error) {
    // Its deletion, asked for by a run that is gone, ended in this moment: nothing is left to hold.
    if (!OperatorError.is(error, 'not-found')) throw error;
  }
};

/** One heartbeat. Fails with `leased` when somebody else has taken the lease over. */
export const beatLease = async (world: Writes, c: Leased, verb: string, call: Call): Promise<void> => {
  const seen = await observeLease(world, c);
  if (seen.state !== 'present') return;
  if (!seen.facts.mine) throw leasedError(seen.facts);
  await writeLease(world, c, verb, call);
};

/** Gives the lease back at the end of a run; a root record that is gone needs none. */
export const releaseLease = async (world: Writes, c: Leased, call: Call): Promise<void> => {
  const found = await world.cloud.compute.get(rootRef(c));
  if (found?.labels[labelKeys.leaseHolder] !== world.holder) return;
  const leaseLabels: readonly string[] = [labelKeys.leaseHolder, labelKeys.leaseVerb, labelKeys.leaseAt];
  const labels = Object.fromEntries(Object.entries(found.labels).filter(([key]) => !leaseLabels.includes(key)));
  await world.cloud.compute.act(rootRef(c), 'setLabels', { labels, labelFingerprint: found.labelFingerprint }, call);
};
