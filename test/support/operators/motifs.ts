import fc from 'fast-check';
import type { Deed } from './deeds.ts';
import { bit, cut, kill, nth, sleep, want, zone, type Event, type Who } from './events.ts';

const on = <T extends object>(event: T, more: Partial<T>): T => ({ ...event, ...more });
const other = (who: Who): Who => (who === 0 ? 1 : 0);

const pause = (seconds: number): Event => ({ type: 'wait', seconds });

const growth: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constant('replicate' as const), zone }),
  fc.record({ do: fc.constant('pool-add' as const), zone, pool: fc.nat(2), nodes: fc.integer({ min: 1, max: 2 }) }),
);
const removal: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constantFrom('master-remove' as const, 'master-repair' as const), nth }),
  fc.record({ do: fc.constant('pool-remove' as const), zone, pool: fc.nat(2) }),
  fc.record({ do: fc.constant('pool-resize' as const), zone, pool: fc.constant(0), nodes: fc.nat(1) }),
);

// The clusters that other events rarely touch: they are healthy at the end of most stories.
const quiet = fc.constantFrom<{ cloud: 0 | 1; cluster: 0 | 1 }>({ cloud: 0, cluster: 1 }, { cloud: 1, cluster: 0 });

/**
 * Both operators start at the same moment and find the cluster unleased. The first answer to one of them is so late that the other
 * holds the lease by then and creates a master.
 */
export const lateLook: fc.Arbitrary<readonly Event[]> = fc
  .tuple(want, growth, zone, quiet, fc.integer({ min: 10, max: 14 }))
  .map(([base, deed, zone, { cloud, cluster }, seconds]): Event[] => [
    pause(420),
    { type: 'connect', cloud },
    on(base, { cloud, cluster, waits: true, takeOver: false, deed }),
    pause(60),
    { type: 'slow', who: base.who, seconds },
    { type: 'answer', who: base.who, nth: 0, meets: true },
    on(base, {
      ...{ cloud, cluster, who: other(base.who), waits: false, takeOver: false },
      deed: { do: 'replicate', zone },
    }),
    pause(240),
  ]);

// Combinations that random events would rarely produce.
/** A short sequence of related events. */
export const motif: fc.Arbitrary<readonly Event[]> = fc.oneof(
  // A plan goes stale while the other operator changes the same cluster.
  fc
    .tuple(want, removal, growth, fc.boolean())
    .map(([base, taken, given, swapped]): Event[] => [
      on(base, { waits: true, deed: taken }),
      pause(20),
      on(base, { who: other(base.who), waits: false, deed: swapped ? taken : given }),
      pause(420),
      { type: 'answer', who: base.who, nth: 0 },
      pause(120),
    ]),
  // A master is removed by a plan made before another one was added in its zone.
  fc
    .tuple(want, nth)
    .map(([base, nth]): Event[] => [
      on(base, { waits: true, deed: { do: 'master-remove', nth } }),
      pause(20),
      on(base, { who: other(base.who), waits: false, deed: { do: 'replicate-beside', nth } }),
      pause(420),
      { type: 'answer', who: base.who, nth: 0 },
      pause(120),
    ]),
  // A pool is removed whose name is a prefix of another one in the same zone.
  fc
    .tuple(want, zone)
    .map(([base, zone]): Event[] => [
      on(base, { waits: false, deed: { do: 'pool-add', zone, pool: 1, nodes: 1 } }),
      pause(240),
      on(base, { waits: false, deed: { do: 'pool-add', zone, pool: 2, nodes: 1 } }),
      pause(240),
      on(base, { waits: false, deed: { do: 'pool-remove', zone, pool: 1 } }),
      pause(120),
    ]),
  // Two runs start at the same moment.
  fc.tuple(want, growth, growth, fc.boolean()).map(([base, deed, others, swapped]): Event[] => {
    const both: Event[] = [
      on(base, { who: 0, waits: false, deed, meets: true }),
      on(base, { who: 1, waits: false, takeOver: false, deed: others, meets: true }),
    ];
    return [{ type: 'connect', cloud: base.cloud }, ...(swapped ? both.toReversed() : both), pause(240)];
  }),
  // A drill whose computer dies halfway; its master is gone before the
  // run is resumed. Cluster a of cloud 2 can spare one.
  fc
    .tuple(want, nth, fc.integer({ min: 3, max: 5 }))
    .map(([base, nth, records]): Event[] => [
      { type: 'connect', cloud: 1 },
      on(base, { who: 0, cloud: 1, cluster: 0, waits: false, deed: { do: 'drill-halt', nth } }),
      { type: 'kill', who: 0, records },
      pause(240),
      on(base, { who: 1, cloud: 1, cluster: 0, waits: false, takeOver: true, deed: { do: 'master-remove', nth } }),
      pause(420),
      pause(240),
    ]),
  // A plan is applied on another connection than it was made on.
  fc
    .tuple(want, bit)
    .map(([base, cloud]): Event[] => [
      { type: 'connect', cloud },
      on(base, { who: 0, cluster: 0, waits: true }),
      pause(20),
      { type: 'connect', cloud: cloud === 0 ? 1 : 0 },
      { type: 'answer', who: 0, nth: 0 },
    ]),
  // An old run outlives its cluster: killed, repeated, cluster re-created, run resumed.
  fc
    .tuple(want, kill)
    .map(([base, end]): Event[] => [
      on(base, { waits: false, deed: { do: 'down' } }),
      on(end, { who: base.who }),
      pause(120),
      on(base, { waits: false, deed: { do: 'down' } }),
      pause(240),
      on(base, { waits: false, deed: { do: 'up', masters: 1 } }),
      pause(420),
      { type: 'again', who: base.who, what: 'resume', nth: 0, cloud: base.cloud, takeOver: false },
    ]),
  // A holder that is silent for longer than its lease lasts, and a takeover.
  fc
    .tuple(want, growth, growth, fc.oneof(cut, sleep), fc.constantFrom(20, 60, 120))
    .map(([base, deed, others, gone, after]): Event[] => [
      { type: 'connect', cloud: base.cloud },
      on(base, { who: 0, waits: false, deed }),
      pause(after),
      on(gone, { who: 0, minutes: Math.max(8, gone.minutes) }),
      pause(20),
      on(base, { who: 1, waits: false, takeOver: true, deed: others }),
      pause(420),
    ]),
);
