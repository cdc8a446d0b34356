import assert from 'node:assert/strict';
import test from 'node:test';
import { names } from '../../src/model/names.ts';
import { readEtcd } from '../../src/steps/etcd.ts';
import { articleWish, cloudWorld, project, type CloudWorld } from '../support/cloudWorld.ts';
import type { Cleanup } from '../support/engineWorld.ts';
import { byHand } from './cloudErrors.ts';
import { assertDone, assertWhole, cluster, statusOf, zoneB, zoneC, zoneD, options } from './verbs.ts';
import { masterRepair } from '../../src/verbs/masterRepair.ts';
import { masterStart } from '../../src/verbs/masterStart.ts';

const zones = [zoneB, zoneC, zoneD];

/** A cluster of three masters, and the name of the one in zone c. */
const threeMasters = async (t: Cleanup): Promise<{ w: CloudWorld; name: string }> => {
  const w = await cloudWorld(t);
  assertDone(await w.up(undefined, { ...articleWish, zones, nodes: 1 }));
  const name = (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.name ?? assert.fail();
  return { w, name };
};

/** Somebody deletes the machine by hand; its disk stays, as its autoDelete says. */
const loseMachine = async (w: CloudWorld, name: string): Promise<void> => {
  const machine = `zones/${zoneC}/instances/${name}`;
  await byHand(w, 'POST', `${machine}/setDeletionProtection?deletionProtection=false`);
  await byHand(w, 'DELETE', machine);
};

const repair = (w: CloudWorld, name: string, zone?: string) =>
  w.carryOut((p) => masterRepair.prepare(p.session.world, { cluster, name, zone }, options(p)));

const memberId = async (w: CloudWorld, name: string): Promise<string | undefined> => {
  const { world } = (await w.program()).session;
  const { members } = await readEtcd(world, { names: names(cluster), through: [names(cluster).firstMaster] });
  return members.find((e) => e.name === name)?.id;
};

test('a master that is off is started, and serves again with the vote that it had', async (t) => {
  const { w, name } = await threeMasters(t);
  const id = await memberId(w, name);
  await byHand(w, 'POST', `zones/${zoneC}/instances/${name}/stop`);
  assertDone(await w.carryOut((p) => masterStart.prepare(p.session.world, { cluster, name }, options(p))));
  await assertWhole(w, 3, 3);
  assert.equal(await memberId(w, name), id);
  // A second call finds nothing to do.
  const again = await w.carryOut((p) => masterRepair.prepare(p.session.world, { cluster, name }, options(p)));
  assertDone(again);
});

test('a master whose machine is gone is made again on its disk and address: the same member, no join', async (t) => {
  const { w, name } = await threeMasters(t);
  const before = { id: await memberId(w, name), addresses: await addressOf(w, name) };
  await loseMachine(w, name);
  assertDone(await repair(w, name));
  await assertWhole(w, 3, 3);
  assert.deepEqual({ id: await memberId(w, name), addresses: await addressOf(w, name) }, before);
});

const addressOf = async (w: CloudWorld, name: string): Promise<unknown> =>
  (await w.request('GET', `/compute/v1/projects/${project}/regions/europe-west1/addresses/${name}-int`)).address;

test('a master whose disk is gone, too, is replaced: its vote goes first, another one joins', async (t) => {
  const { w, name } = await threeMasters(t);
  await loseMachine(w, name);
  await byHand(w, 'DELETE', `zones/${zoneC}/disks/${name}-pd`);
  assertDone(await repair(w, name));
  const masters = (await assertWhole(w, 3, 3)).masters;
  assert.ok(!masters.some((m) => m.name === name));
  assert.deepEqual(masters.map((m) => m.zone).sort(), zones);
});

test('a master is replaced in another zone when one is named, also while it is off', async (t) => {
  const { w, name } = await threeMasters(t);
  await byHand(w, 'POST', `zones/${zoneC}/instances/${name}/stop`);
  assertDone(await repair(w, name, zoneD));
  const masters = (await assertWhole(w, 3, 3)).masters;
  assert.deepEqual(masters.map((m) => m.zone).sort(), [zoneB, zoneD, zoneD]);
});

test('the only master is not replaced, and a name that is none is refused with those that are', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up());
  await assert.rejects(repair(w, 'kubernetes-master', zoneC), {
    code: 'refused',
    message: 'kubernetes-master is the only master, so no other master has a copy of its etcd data',
  });
  await assert.rejects(repair(w, 'kubernetes-master-zzz'), {
    code: 'not-found',
    message: 'Master not found: kubernetes-master-zzz',
    remedy: 'Masters of the cluster: kubernetes-master',
  });
});
