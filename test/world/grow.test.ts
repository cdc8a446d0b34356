import assert from 'node:assert/strict';
import test from 'node:test';
import { cloudWorld } from '../support/cloudWorld.ts';
import { addPool, assertDone, assertWhole, replicate, resizePool, zoneC, zoneD } from './verbs.ts';

test('the article’s steps 2 to 5: pools in c and d, masters in c and d, whole after each', async (t) => {
  const w = await cloudWorld(t);
  const before = w.resources();
  assertDone(await w.up());
  await assertWhole(w, 1, 3);
  assertDone(await addPool(w, zoneC));
  await assertWhole(w, 1, 6);
  assertDone(await addPool(w, zoneD, { nodes: 2 }));
  await assertWhole(w, 1, 8);
  assertDone(await resizePool(w, zoneD, 3));
  await assertWhole(w, 1, 9);
  assertDone(await replicate(w, zoneC));
  await assertWhole(w, 2, 9);
  assertDone(await replicate(w, zoneD));
  const whole = await assertWhole(w, 3, 9);
  assert.deepEqual(whole.masters.map((m) => m.zone).sort(), ['europe-west1-b', zoneC, zoneD]);
  assert.ok(whole.masters.every((m) => /^kubernetes-master(-[0-9a-z]{3})?$/.test(m.name)));
  assertDone((await w.down()) ?? assert.fail('nothing to tear down'));
  assert.deepEqual(w.resources(), before, 'something is left after down');
});

test('a pool that finds no capacity says so with the zones that have some, and can be taken back', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up());
  w.emulator.faults.set([
    {
      match: { kind: 'instances', verb: 'insert', name: 'kubernetes-minion-.*' },
      nth: 'every',
      fault: { type: 'stockOut', zonesAvailable: [zoneD] },
    },
  ]);
  const { error } = await addPool(w, zoneC);
  assert.equal(error?.code, 'stock-out');
  assert.match(error.message, /^0 of 3 instances in the pool are running\. /);
  assert.deepEqual(error.zonesAvailable, [zoneD]);
  w.emulator.faults.set([]);
  assertDone((await w.resume()) ?? assert.fail('nothing to resume'));
  await assertWhole(w, 1, 6);
});
