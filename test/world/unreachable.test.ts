import assert from 'node:assert/strict';
import test from 'node:test';
import type { FaultRule } from '../../src/emulator/faults.ts';
import { findLeftovers } from '../../src/steps/inventory.ts';
import { decideKubeDown } from '../../src/verbs/kubeDown.ts';
import { articleWish, cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';
import { byHand } from './cloudErrors.ts';
import { small } from './stories.ts';
import {
  assertDone,
  assertWhole,
  cluster,
  options,
  removePool,
  replicate,
  statusOf,
  zoneB,
  zoneC,
  zoneD,
} from './verbs.ts';
import { masterRepair } from '../../src/verbs/masterRepair.ts';

const down = (zone: string): FaultRule => ({ match: { kind: 'zones', name: zone }, fault: 'zoneDown' });

const repair = (w: CloudWorld, name: string, zone?: string) =>
  w.carryOut((p) => masterRepair.prepare(p.session.world, { cluster, name, zone }, options(p)));

const asked = { cluster, zone: zoneB, keepNodes: false, existingMaster: false, replica: undefined, notes: [] };

test('a zone of another region is out of reach: nobody of this cluster notices', async (t) => {
  const w = await small(t, 'elsewhere');
  w.emulator.faults.set([down('us-central1-a')]);
  assertDone(await replicate(w, zoneC));
  const s = await assertWhole(w, 2, 1);
  assert.equal(s.unreachableZones, undefined);
  assertDone(await w.down());
  const p = await w.program();
  await assert.rejects(findLeftovers(p.session.world.cloud), { code: 'unavailable', message: /us-central1-a/ });
});

test('a zone of the region in which nothing is: status says so, masters come elsewhere, nobody concludes that all is gone', async (t) => {
  const w = await small(t, 'empty-zone');
  w.emulator.faults.set([down(zoneD)]);
  assertDone(await replicate(w, zoneC));
  const s = await statusOf(w);
  assert.deepEqual([s.unreachableZones, s.masters.length], [[zoneD], 2]);
  const gone = {
    code: 'unavailable',
    retry: 'later',
    message: `Zone contents unknown: ${zoneD} is unreachable`,
  };
  await assert.rejects(w.down(), gone);
  await assert.rejects(w.up(), gone);
  await assert.rejects(removePool(w, zoneD), gone);
  assert.throws(() => decideKubeDown(asked, s), gone);
  w.emulator.faults.set([]);
  assertDone(await removePool(w, zoneB));
});

test('a machine that is reset while its zone is down boots when the zone is back', async (t) => {
  const w = await small(t, 'reset-in-outage');
  w.emulator.faults.set([down(zoneB)]);
  await byHand(w, 'POST', `zones/${zoneB}/instances/kubernetes-master/reset`);
  await w.clock.sleep(300_000);
  w.emulator.faults.set([]);
  await w.clock.sleep(300_000);
  await assertWhole(w, 1, 1);
});

test('a zone with one of three masters: it is drawn, repair says what nobody can tell, and replaces it elsewhere meanwhile', async (t) => {
  const w = await cloudWorld(t, 'outage');
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneD, zoneC, zoneB], zone: zoneD, nodes: 0 }));
  const first = 'kubernetes-master';
  w.emulator.faults.set([down(zoneD)]);
  await statusOf(w); // whoever asks makes the controllers notice
  await w.clock.sleep(120_000);
  const s = await statusOf(w);
  const lost = s.masters.find((m) => m.name === first);
  assert.deepEqual(
    [lost?.zone, lost?.status, lost?.backend, lost?.node],
    [zoneD, 'UNREACHABLE', 'unhealthy', 'NotReady'],
  );
  assert.equal(s.masters.length, 3);
  assert.equal(s.unreachable, undefined);
  await assert.rejects(repair(w, first), {
    code: 'unavailable',
    message: `${zoneD} is unreachable, so the state of ${first} is unknown`,
    remedy: `Wait for the zone, or replace the master in another zone: trizone master repair ${first} --zone Z`,
  });
  assertDone(await repair(w, first, zoneC));
  w.emulator.faults.set([]);
  const after = await assertWhole(w, 3, 0);
  assert.deepEqual(after.masters.map((m) => m.zone).sort(), [zoneB, zoneC, zoneC]);
});
