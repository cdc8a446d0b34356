import assert from 'node:assert/strict';
import test from 'node:test';
import { cloudWorld } from '../support/cloudWorld.ts';
import {
  addPool,
  assertDone,
  assertWhole,
  makeHa,
  removeMaster,
  removePool,
  replicate,
  resizePool,
  statusOf,
  zoneB,
  zoneC,
  zoneD,
} from './verbs.ts';

test('the article’s steps 11 and 12: masters out of c and d, then the pools, whole after each, and nothing left after down', async (t) => {
  const w = await cloudWorld(t);
  const before = w.resources();
  assertDone(await w.up());
  for (const zone of [zoneC, zoneD]) assertDone(await addPool(w, zone));
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  const whole = await assertWhole(w, 3, 9);
  const inZone = (zone: string): string => whole.masters.find((m) => m.zone === zone)?.name ?? assert.fail();
  assertDone(await removeMaster(w, inZone(zoneC)));
  await assertWhole(w, 2, 9);
  assertDone(await removeMaster(w, inZone(zoneD)));
  await assertWhole(w, 1, 9);
  assertDone(await removePool(w, zoneC));
  await assertWhole(w, 1, 6);
  assertDone(await removePool(w, zoneD));
  await assertWhole(w, 1, 3);
  await assert.rejects(removeMaster(w, 'kubernetes-master'), { code: 'refused' });
  assertDone((await w.down()) ?? assert.fail());
  assert.deepEqual(w.resources(), before);
});

test('a leader that goes hands over first; the first master may go like any other when it is named', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up());
  assertDone(await makeHa(w, [zoneC, zoneD]));
  const leader = (await statusOf(w)).masters.find((m) => m.etcd === 'leader');
  assert.ok(leader);
  const p = await w.program();
  assertDone(await removeMaster(w, leader.name, p));
  const at = (type: string, step: string): number =>
    p.events.findIndex((e) => e.type === type && 'step' in e && e.step === step);
  const order = [
    ['done', `deregister:${leader.name}`],
    ['started', `quiet:${leader.name}`],
    ['done', `quiet:${leader.name}`],
    ['done', `hand-over:${leader.name}`],
    ['started', `drain:${leader.name}`],
    ['started', `member:${leader.name}`],
    ['done', `member:${leader.name}`],
    ['done', `forget:${leader.name}`],
    ['started', `remove-instances:${leader.zone}/${leader.name}`],
  ].map(([type = '', step = '']) => at(type, step));
  assert.ok(
    order.every((n) => n >= 0),
    JSON.stringify(order),
  );
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    order,
  );
  const rest = await assertWhole(w, 2, 3);
  assert.ok(rest.masters.some((m) => m.etcd === 'leader'));
});

test('a pool shrinks by its emptiest machines, and exactly by these', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up());
  assertDone(await replicate(w, zoneC));
  const p = await w.program();
  assertDone(await resizePool(w, zoneB, 1, p));
  const drained = p.events.find((e) => e.type === 'done' && e.step.startsWith('shrink:'));
  assert.ok(drained);
  await assertWhole(w, 2, 1);
});
