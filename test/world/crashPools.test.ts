import assert from 'node:assert/strict';
import test from 'node:test';
import type { CloudWorld, Program } from '../support/cloudWorld.ts';
import { crashVerb, everyRecord, type Crash, type Recovery } from './crash.ts';
import {
  addPool,
  assertDone,
  assertWhole,
  cluster,
  removePool,
  replicate,
  resizePool,
  statusOf,
  zoneB,
  zoneC,
} from './verbs.ts';
import { zoneRemove } from '../../src/verbs/zoneRemove.ts';

const has = async (w: CloudWorld, zone: string): Promise<boolean> =>
  (await statusOf(w)).pools.some((p) => p.zone === zone);

const templates = (w: CloudWorld): number =>
  Object.keys((w.resources() as Record<string, object>)['compute/instanceTemplates'] ?? {}).length;

const whole = (masters: number, nodes: number) => async (w: CloudWorld) => {
  await w.clock.sleep(30_000);
  await assertWhole(w, masters, nodes);
  assert.equal(templates(w), 1, 'a template is left or missing');
};

const adding: Crash = {
  prepare: () => Promise.resolve(),
  verb: (w, p) => addPool(w, zoneC, { nodes: 1 }, p),
  again: (w) => addPool(w, zoneC, { nodes: 1 }),
  check: whole(1, 4),
};

const removing: Crash = {
  prepare: async (w) => assertDone(await addPool(w, zoneC, { nodes: 1 })),
  verb: (w, p) => removePool(w, zoneC, p),
  again: async (w) => ((await has(w, zoneC)) ? removePool(w, zoneC) : undefined),
  check: whole(1, 3),
};

const shrinking: Crash = {
  prepare: () => Promise.resolve(),
  verb: (w, p) => resizePool(w, zoneB, 1, p),
  again: (w) => resizePool(w, zoneB, 1),
  check: whole(1, 1),
};

const zoneGoes = async (w: CloudWorld, by?: Program) => {
  const s = await statusOf(w);
  const masters = s.masters.filter((m) => m.zone === zoneC).map((m) => m.name);
  const pools = s.pools.some((p) => p.zone === zoneC) ? ['group'] : [];
  const wish = { cluster, zone: zoneC, pools, masters };
  return w.carryOut((p) => zoneRemove.prepare(p.session.world, wish, { ids: p.session.ids, takeOver: false }), by);
};

const zoneRemoving: Crash = {
  prepare: async (w) => {
    assertDone(await addPool(w, zoneC, { nodes: 1 }));
    assertDone(await replicate(w, zoneC));
  },
  verb: zoneGoes,
  again: zoneGoes,
  check: whole(1, 3),
};

/** `npm run world -- --long` tries every record, by both ways. */
const long = process.argv.includes('--long');

const rows: readonly [string, Crash, Recovery, number][] = [
  ['pool add', adding, 'resume', 13],
  ['pool add', adding, 'again without journals', 17],
  ['pool remove', removing, 'resume', 11],
  ['pool remove', removing, 'again without journals', 15],
  ['pool resize', shrinking, 'resume', 10],
  ['zone-remove', zoneRemoving, 'resume', 25],
];

for (const [verb, crash, recovery, stride] of rows)
  test(`${verb}, killed at any journal record, converges by ${recovery}`, (t) =>
    everyRecord(t, (each, at) => crashVerb(each, at, recovery, crash), 8, long ? 1 : stride));
