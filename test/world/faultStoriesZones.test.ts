import assert from 'node:assert/strict';
import test from 'node:test';
import { regionLimits } from '../../src/emulator/data/quotas.ts';
import type { FaultRule } from '../../src/emulator/faults.ts';
import { articleWish, cloudWorld } from '../support/cloudWorld.ts';
import { assertUnharmed, resumed, small, told, undo } from './stories.ts';
import {
  addPool,
  assertDone,
  assertWhole,
  makeHa,
  removeMaster,
  replicate,
  statusOf,
  zoneB,
  zoneC,
  zoneD,
} from './verbs.ts';

const first = 'kubernetes-master';

const noneInD = (name: string): FaultRule => ({
  match: { kind: 'instances', verb: 'insert', path: `/zones/${zoneD}/`, name },
  nth: 'every',
  fault: { type: 'stockOut', zonesAvailable: [zoneC] },
});
const noCapacity = `Google has no capacity: A e2-standard-2 VM instance is currently unavailable in the ${zoneD} zone. Consider trying your request in another zone, or try again later.`;
const elsewhere = `These zones may have capacity: ${zoneC}. Undo this run and use one of them, or resume later.`;

test('d has no machine for a master: told when Google says it, with the zone that has some; undo, and c instead', async (t) => {
  const w = await small(t, 'stock-out');
  w.emulator.faults.set([noneInD('kubernetes-master-...')]);
  const failed = await replicate(w, zoneD);
  assert.deepEqual(told(failed), ['stock-out', noCapacity, elsewhere]);
  assert.deepEqual(failed.error?.zonesAvailable, [zoneC]);
  assert.ok(failed.ms < 3 * 60_000, `told after ${failed.ms / 1000} s`);
  await assertUnharmed(w, [first]);
  assertDone(await undo(w, 'replicate'));
  assertDone(await replicate(w, zoneC));
  await assertWhole(w, 2, 1);
});

test('d has no machines for a pool: seen within one poll, given up when the group’s own attempts fail, too; c instead', async (t) => {
  const w = await small(t, 'pool-stock-out');
  w.emulator.faults.set([noneInD('kubernetes-minion-.*')]);
  const p = await w.program();
  const failed = await addPool(w, zoneD, { nodes: 2 }, p);
  assert.deepEqual(told(failed), ['stock-out', `0 of 2 instances in the pool are running. ${noCapacity}`, elsewhere]);
  const waited = p.events.find((e) => e.type === 'started' && e.step.startsWith('fill-pool:'));
  const heard = p.events.find(
    (e) => e.type === 'progress' && /no capacity.*zones that may have capacity: europe-west1-c/.test(e.text),
  );
  assert.ok(waited && heard, 'never seen');
  assert.ok(heard.at - waited.at <= 100_000, `seen after ${(heard.at - waited.at) / 1000} s`);
  assert.ok(failed.ms < 6 * 60_000, `told after ${failed.ms / 1000} s`);
  await assertUnharmed(w, [first]);
  assertDone(await undo(w, 'pool-add'));
  assertDone(await addPool(w, zoneC, { nodes: 2 }));
  await assertWhole(w, 1, 3);
});

test('the quota has no room for a replica: the plan says by how much and nothing is made', async (t) => {
  const w = await cloudWorld(t, 'quota', { quotas: { region: { ...regionLimits, CPUS: 5 } } });
  assertDone(await w.up(undefined, { ...articleWish, nodes: 1 }));
  const before = w.resources();
  await assert.rejects(replicate(w, zoneC), {
    code: 'quota',
    message: 'Insufficient quota in europe-west1: CPUS: 2 needed, 1 of 5 available',
    remedy:
      'Use fewer or smaller instances, or request a quota increase: https://console.cloud.google.com/iam-admin/quotas',
  });
  assert.deepEqual(w.resources(), before);
});

test('the quota is used up while a replica is made: the others serve, resume goes on once there is room', async (t) => {
  const w = await small(t, 'quota-run');
  w.emulator.faults.set([
    {
      match: { kind: 'instances', verb: 'insert', name: 'kubernetes-master-...' },
      fault: { type: 'quota', form: 'operation', metric: 'CPUS', limit: 24 },
    },
  ]);
  assert.deepEqual(told(await replicate(w, zoneC)), [
    'quota',
    'Quota exceeded: CPUS-per-project-region, limit 24 in region europe-west1',
    'Free up quota, use fewer or smaller instances, or request an increase: https://console.cloud.google.com/iam-admin/quotas',
  ]);
  await assertUnharmed(w, [first]);
  assertDone(await resumed(w));
  await assertWhole(w, 2, 1);
});

const down = (zone: string): FaultRule => ({ match: { kind: 'zones', name: zone }, fault: 'zoneDown' });

test('a zone is down before: nothing is made there, another one is advised', async (t) => {
  const w = await small(t, 'zone-down');
  w.emulator.faults.set([down(zoneD)]);
  const refused = { code: 'refused', message: `Zone is not UP: ${zoneD} is DOWN`, remedy: 'Choose another zone.' };
  await assert.rejects(replicate(w, zoneD), refused);
  await assert.rejects(addPool(w, zoneD), refused);
  assertDone(await replicate(w, zoneC));
  await assertWhole(w, 2, 1);
});

test('a zone with one of three masters goes down: the API answers, growth is refused with the arithmetic, the dead one may go', async (t) => {
  const w = await small(t, 'zone-goes-down');
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  const whole = await assertWhole(w, 3, 1);
  const inD = whole.masters.find((m) => m.zone === zoneD)?.name ?? assert.fail();
  const others = whole.masters.filter((m) => m.zone !== zoneD).map((m) => m.name);
  w.emulator.faults.set([down(zoneD)]);
  await w.clock.sleep(20_000);
  await assertUnharmed(w, others);
  await w.clock.sleep(60_000);
  assert.equal((await statusOf(w)).masters.find((m) => m.name === inD)?.node, 'NotReady');
  await assert.rejects(replicate(w, zoneC), {
    code: 'refused',
    message: `etcd must be healthy before a member is added: ${inD} is not responding (2 of 3 responding, quorum 2)`,
    remedy: 'Start that master, or remove it first: trizone master remove NAME',
  });
  assertDone(await removeMaster(w, inD));
  assertDone(await replicate(w, zoneC));
  w.emulator.faults.set([]);
  await assertWhole(w, 3, 1);
});

test('a zone goes down while a replica starts there: told after its silence, undo takes it away', async (t) => {
  const w = await small(t, 'zone-breaks');
  const p = await w.program();
  const push = p.events.push.bind(p.events);
  p.events.push = (...all) => {
    if (all.some((e) => e.type === 'progress' && e.text.includes(': packages'))) w.emulator.faults.set([down(zoneD)]);
    return push(...all);
  };
  const failed = await replicate(w, zoneD, p);
  assert.deepEqual(told(failed).slice(0, 2), [
    'timeout',
    'Timed out after 1200 s: Wait until NAME serves the API; last status: boot step 5/14: packages',
  ]);
  await assertUnharmed(w, [first]);
  assertDone(await undo(w, 'replicate'));
  assertDone(await replicate(w, zoneC));
  await assertWhole(w, 2, 1);
});
