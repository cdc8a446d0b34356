import type { Prepared } from '../../src/verbs/prepared.ts';
import { articleWish, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { cluster, statusOf, zoneB, zoneC, zoneD } from '../world/verbs.ts';
import { inWorld } from './bench.ts';
import { median } from './bundles.ts';
import { carry, type Carried } from './criticalPath.ts';
import { documentedMoveMs, replayKubeUp } from './kubeUp.ts';
import type { Row } from './run.ts';
import { down as downVerb } from '../../src/verbs/down.ts';
import { masterRemove as masterRemoveVerb } from '../../src/verbs/masterRemove.ts';
import { poolAdd as poolAddVerb } from '../../src/verbs/poolAdd.ts';
import { poolRemove as poolRemoveVerb } from '../../src/verbs/poolRemove.ts';
import { replicate as replicateVerb } from '../../src/verbs/replicate.ts';
import { up as upVerb } from '../../src/verbs/up.ts';

const seeds = ['a', 'b', 'c', 'd', 'e'];

/**
 * Client overhead in milliseconds, measured with the emulator's clock standing still, on the machine of
 * test/FIGURES.md, all on loopback: gcloud 582 on nine commands 1180–1730, median 1360; `trizone` 90–170. Excludes
 * network latency; an ssh counts as one gcloud command.
 */
const own = { gcloudMs: 1360, trizoneMs: 170 } as const;

type Verb = (p: Program) => Promise<Prepared | undefined>;

const options = (p: Program) => ({ ids: p.session.ids, takeOver: false });
const up =
  (zones: readonly string[]): Verb =>
  (p) =>
    upVerb.prepare(p.session.world, { ...articleWish, zones: [...zones] }, options(p));
const down: Verb = (p) => downVerb.prepare(p.session.world, { cluster: cluster }, options(p));
const poolAdd =
  (zone: string): Verb =>
  (p) =>
    poolAddVerb.prepare(p.session.world, { cluster, zone }, options(p));
const poolRemove =
  (zone: string): Verb =>
  (p) =>
    poolRemoveVerb.prepare(p.session.world, { cluster, zone }, options(p));
const replicate =
  (zone: string): Verb =>
  (p) =>
    replicateVerb.prepare(p.session.world, { cluster, zone }, options(p));
const masterRemove =
  (w: CloudWorld, zone: string): Verb =>
  async (p) => {
    const master = (await statusOf(w)).masters.find((m) => m.zone === zone);
    return masterRemoveVerb.prepare(p.session.world, { cluster, name: master?.name ?? '' }, options(p));
  };

/** The article's steps 1–5 and 11–13 with one seed. */
interface Story {
  readonly plan: Carried;
  readonly down: Carried;
  /** up, pool add × 2, replicate × 2. */
  readonly setUp: readonly Carried[];
  /** master remove × 2, pool remove × 2, down. */
  readonly tearDown: readonly Carried[];
}

const tell = async (seed: string): Promise<Story> => {
  const whole = await inWorld(seed, {}, async (w) => ({
    plan: await carry(w, up([zoneB, zoneC, zoneD])),
    down: await carry(w, down),
  }));
  return inWorld(seed, {}, async (w) => {
    const all: Carried[] = [];
    const remove = [zoneC, zoneD].map((zone) => masterRemove(w, zone));
    const verbs = [up([zoneB]), poolAdd(zoneC), poolAdd(zoneD), replicate(zoneC), replicate(zoneD)];
    for (const verb of [...verbs, ...remove, poolRemove(zoneC), poolRemove(zoneD), down])
      all.push(await carry(w, verb));
    return { ...whole, setUp: all.slice(0, 5), tearDown: all.slice(5) };
  });
};

const sum = (ms: readonly number[]): number => ms.reduce((a, b) => a + b, 0);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;
const total = (verbs: readonly Carried[]): number => sum(verbs.map((v) => v.ms));
const limit = (verbs: readonly Carried[]): number => sum(verbs.map((v) => v.limitMs));

/** Calls 1–5 set up, 6–10 tear down. */
interface Half {
  readonly name: string;
  readonly calls: readonly [from: number, to: number];
  readonly plan: (s: Story) => readonly Carried[];
  readonly commands: (s: Story) => readonly Carried[];
  readonly goals: Readonly<Record<'plan' | 'commands', readonly [moved: string, bare: string]>>;
}

const halves: readonly Half[] = [
  {
    name: 'set-up (1–5)',
    calls: [0, 5],
    plan: (s) => [s.plan],
    commands: (s) => s.setUp,
    goals: { plan: ['goal ≥ 6', 'goal ≥ 3'], commands: ['goal ≥ 2', 'goal ≥ 1.2'] },
  },
  {
    name: 'teardown (11–13)',
    calls: [5, 10],
    plan: (s) => [s.down],
    commands: (s) => s.tearDown,
    goals: { plan: ['', ''], commands: ['', ''] },
  },
];

const kubeUpMs = (half: Half, seed: string, movedMs: number, commandMs: number): number =>
  sum(replayKubeUp(seed, { movedMs, commandMs }).slice(...half.calls));

/**
 * kube-up's time as a multiple of Trizone's, with and without the
 * moved address; in parentheses including client overhead.
 */
const sideBySide = (half: Half, stories: readonly Story[]): Row[] =>
  (['plan', 'commands'] as const).flatMap((way) => {
    const verbs = stories.map((s) => half[way](s));
    const what = `${half.name} as ${way === 'plan' ? 'one plan' : `${verbs[0]?.length ?? 0} commands`}`;
    const times = (movedMs: number, gcloudMs: number, trizoneMs: number): string => {
      const each = verbs.map(
        (v, i) => kubeUpMs(half, seeds[i] ?? '', movedMs, gcloudMs) / (total(v) + trizoneMs * v.length),
      );
      return `× ${median(each).toFixed(2)}`;
    };
    const both = (movedMs: number): string =>
      `${times(movedMs, 0, 0)} (${times(movedMs, own.gcloudMs, own.trizoneMs)})`;
    const [moved, bare] = half.goals[way];
    return [
      [
        `Trizone, ${what} / its limit`,
        `${seconds(median(verbs.map(total)))} / ${seconds(median(verbs.map(limit)))}`,
        '',
      ],
      ['  kube-up with the moved address takes', both(documentedMoveMs), moved],
      ['  kube-up without it takes', both(0), bare],
    ];
  });

const kubeUpRows = (half: Half): Row[] => {
  const of = (movedMs: number, commandMs: number): string =>
    seconds(median(seeds.map((seed) => kubeUpMs(half, seed, movedMs, commandMs))));
  const both = (movedMs: number): string => `${of(movedMs, 0)} (${of(movedMs, own.gcloudMs)})`;
  return [
    [`kube-up, ${half.name}, with the moved address`, both(documentedMoveMs), ''],
    [`kube-up, ${half.name}, without it`, both(0), ''],
  ];
};

const verbRows = (stories: readonly Story[]): Row[] => {
  const row = (what: string, pick: (s: Story) => readonly Carried[]): Row => {
    const all = stories.map(pick);
    const each = median(all.flatMap((verbs) => verbs.map((v) => v.ms)));
    return [
      `${what}: against its critical path`,
      `${median(all.flatMap((verbs) => verbs.map((v) => v.ms / v.limitMs))).toFixed(3)} (${seconds(each)})`,
      'goal ≤ 1.10',
    ];
  };
  return [
    row('up in three zones', (s) => [s.plan]),
    row('up', (s) => s.setUp.slice(0, 1)),
    row('pool add', (s) => s.setUp.slice(1, 3)),
    row('replicate', (s) => s.setUp.slice(3)),
    row('master remove', (s) => s.tearDown.slice(0, 2)),
    row('pool remove', (s) => s.tearDown.slice(2, 4)),
    row('down of three zones', (s) => [s.down]),
    row('down', (s) => s.tearDown.slice(4)),
  ];
};

/** The article compared with kube-up's recorded operations, on the same latencies and boot times. */
export const article = async (): Promise<Row[]> => {
  const stories: Story[] = [];
  for (const seed of seeds) stories.push(await tell(seed));
  const first = median(stories.map((s) => s.setUp[3]?.until(/^healthy:/) ?? NaN));
  return [
    ...halves.flatMap((half) => [...kubeUpRows(half), ...sideBySide(half, stories)]),
    ['first replica from click to healthy', seconds(first), 'goal ≤ 240 s'],
    ...verbRows(stories),
  ];
};
