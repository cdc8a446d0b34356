import fc from 'fast-check';
import type { Network } from './computer.ts';
import type { Deed } from './deeds.ts';

/** Ann or Ben. */
export type Who = 0 | 1;
type Which = 0 | 1;

/** Manual actions of another tool. */
export const handDeeds = ['cordon', 'stop', 'start', 'delete', 'delete-node'] as const;

/** Faults of a cloud on mutating requests. */
export const faultKinds = ['429', '500', '503', 'lost reply', 'lost request'] as const;

/** One event; counting numbers are taken modulo the number of things at that moment. */
export type Event =
  | { readonly type: 'nothing' }
  | {
      readonly type: 'want';
      readonly who: Who;
      readonly cloud: Which;
      readonly cluster: Which;
      readonly deed: Deed;
      readonly waits: boolean;
      readonly takeOver: boolean;
      /** The next event occurs at the same moment. */
      readonly meets?: true;
    }
  | {
      readonly type: 'answer';
      readonly who: Who;
      readonly nth: number;
      /** The next event comes at the same moment. */
      readonly meets?: true;
    }
  | {
      readonly type: 'again';
      readonly who: Who;
      readonly what: 'resume' | 'undo';
      readonly nth: number;
      readonly cloud: Which;
      readonly takeOver: boolean;
    }
  | { readonly type: 'connect'; readonly cloud: Which }
  | { readonly type: 'kill'; readonly who: Who; readonly records: number }
  | { readonly type: 'cut'; readonly who: Who; readonly how: Exclude<Network, 'up'>; readonly minutes: number }
  | { readonly type: 'sleep' | 'disk'; readonly who: Who; readonly minutes: number }
  /** Delays the next answer about a root record. */
  | { readonly type: 'slow'; readonly who: Who; readonly seconds: number }
  | { readonly type: 'clock'; readonly who: Who; readonly hours: number }
  | { readonly type: 'zone'; readonly cloud: Which; readonly zone: number; readonly minutes: number }
  | {
      readonly type: 'hand';
      readonly cloud: Which;
      readonly cluster: Which;
      readonly what: (typeof handDeeds)[number];
      readonly nth: number;
    }
  | {
      readonly type: 'fault';
      readonly cloud: Which;
      readonly kind: (typeof faultKinds)[number];
      readonly times: number;
    }
  | { readonly type: 'wait'; readonly seconds: number };

/** An event's kind in the figures: faults and manual actions each by their own kind. */
export const kindOf = (event: Event): string => {
  if (event.type === 'fault') return `fault ${event.kind}`;
  return event.type === 'hand' ? `hand ${event.what}` : event.type;
};

export const bit = fc.constantFrom<Which>(0, 1);
// Most of a story happens around one cluster: bugs need two operators that meet.
const mostly = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Which>(0) },
  { weight: 1, arbitrary: fc.constant<Which>(1) },
);
export const zone = fc.constantFrom<0 | 1 | 2>(0, 1, 2);
export const nth = fc.nat(7);
const minutes = fc.integer({ min: 1, max: 20 });
const rarely = fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('replicate' as const), zone }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('master-remove' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('master-repair' as const, 'master-start' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drill-halt' as const), nth }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('pool-add' as const, 'pool-resize' as const),
      ...{ zone, pool: fc.nat(2), nodes: fc.integer({ min: 0, max: 2 }) },
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pool-remove' as const), zone, pool: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('down' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('up' as const), masters: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('protect' as const), on: fc.boolean() }) },
);

const waitFor = fc.record({
  type: fc.constant('wait' as const),
  seconds: fc.constantFrom(5, 20, 60, 120, 240, 420),
});

export const want: fc.Arbitrary<Extract<Event, { type: 'want' }>> = fc.record({
  ...{ type: fc.constant('want' as const), who: bit, cloud: mostly, cluster: mostly, deed },
  ...{ waits: fc.boolean(), takeOver: rarely },
});
const answer = fc.record({ type: fc.constant('answer' as const), who: bit, nth });
const again = fc.record({
  ...{ type: fc.constant('again' as const), who: bit, what: fc.constantFrom('resume' as const, 'undo' as const) },
  ...{ nth, cloud: mostly, takeOver: rarely },
});
const connect = fc.record({ type: fc.constant('connect' as const), cloud: bit });
export const kill = fc.record({ type: fc.constant('kill' as const), who: bit, records: fc.nat(40) });
export const cut = fc.record({
  ...{
    type: fc.constant('cut' as const),
    who: bit,
    how: fc.constantFrom('refused' as const, 'silent' as const),
    minutes,
  },
});
export const sleep = fc.record({ type: fc.constant('sleep' as const), who: bit, minutes });
const hand = fc.record({
  ...{ type: fc.constant('hand' as const), cloud: mostly, cluster: mostly, what: fc.constantFrom(...handDeeds), nth },
});

/** One event of any type. */
export const single: fc.Arbitrary<readonly Event[]> = fc
  .oneof(
    { weight: 6, arbitrary: want },
    { weight: 5, arbitrary: answer },
    { weight: 3, arbitrary: again },
    { weight: 2, arbitrary: connect },
    { weight: 2, arbitrary: kill },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: sleep },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('disk' as const), who: bit, minutes }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('clock' as const), who: bit, hours: fc.constantFrom(-1, 1) }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('zone' as const), cloud: mostly, zone, minutes }) },
    { weight: 3, arbitrary: hand },
    {
      weight: 2,
      arbitrary: fc.record({
        ...{ type: fc.constant('fault' as const), cloud: mostly, kind: fc.constantFrom(...faultKinds) },
        times: fc.integer({ min: 1, max: 6 }),
      }),
    },
    { weight: 3, arbitrary: waitFor },
  )
  .map((event) => [event]);
