import assert from 'node:assert/strict';
import test from 'node:test';
import { prepareReplicate } from '../../src/workflows/masterVerbs.ts';
import { articleWish, type CloudWorld } from '../support/cloudWorld.ts';
import { byHand } from './cloudErrors.ts';
import { assertUnharmed, resumed, small, told, undo } from './stories.ts';
import {
  assertDone,
  assertWhole,
  checksOf,
  cluster,
  makeHa,
  removeMaster,
  replicate,
  statusOf,
  zoneB,
  zoneC,
  zoneD,
} from './verbs.ts';

const first = 'kubernetes-master';

test('the editor is closed in the middle: the machine joins by itself, serves nobody yet, and resume lets it in', async (t) => {
  // An undisturbed run of the same seeds tells at which record it begins to wait for the machine.
  const trial = await small(t, 'closed');
  assertDone(await replicate(trial, zoneC, await trial.program({ seed: 'closing' })));
  const records = (await trial.program()).session.journals.list()[0]?.records ?? [];
  const crashAt = 1 + records.findIndex((r) => r.type === 'intent' && r.step.startsWith('boot:'));
  const w = await small(t, 'closed');
  await assert.rejects(replicate(w, zoneC, await w.program({ crashAt, seed: 'closing' })), /killed/);
  w.bury();
  await w.clock.sleep(3_600_000);
  const joined = (await statusOf(w)).masters.find((m) => m.zone === zoneC);
  assert.deepEqual([joined?.etcd, joined?.node, joined?.backend], ['voter', 'Ready', 'not in the load balancer']);
  await assertUnharmed(w, [first]);
  assertDone(await resumed(w));
  await assertWhole(w, 2, 1);
});

const deleteMachine = async (w: CloudWorld, zone: string, name: string): Promise<void> => {
  await byHand(w, 'POST', `zones/${zone}/instances/${name}/setDeletionProtection?deletionProtection=false`);
  await byHand(w, 'DELETE', `zones/${zone}/instances/${name}`);
};

test('a master’s machine and disk are deleted by hand: the others serve, replicate makes it again under its name', async (t) => {
  const w = await small(t, 'disk-gone');
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  const all = (await statusOf(w)).masters;
  const gone = all.find((m) => m.zone === zoneC)?.name ?? assert.fail();
  await deleteMachine(w, zoneC, gone);
  await byHand(w, 'DELETE', `zones/${zoneC}/disks/${gone}-pd`);
  await w.clock.sleep(60_000);
  await assertUnharmed(
    w,
    all.map((m) => m.name).filter((name) => name !== gone),
  );
  const wrong = (await checksOf(w, await statusOf(w))).filter((c) => !c.ok);
  assert.deepEqual(
    wrong.map((c) => [c.id, c.evidence]),
    [
      ['etcd-members', `member ${gone} is no master`],
      ['etcd-health', `${gone} does not answer`],
    ],
  );
  assertDone(await replicate(w, zoneC));
  const again = await assertWhole(w, 3, 1);
  assert.equal(again.masters.find((m) => m.zone === zoneC)?.name, gone, 'its address is left, so its name is');
});

test('the same, and it is wanted no more: master remove takes away its vote and what is left', async (t) => {
  const w = await small(t, 'disk-removed');
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  const gone = (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.name ?? assert.fail();
  await deleteMachine(w, zoneC, gone);
  await byHand(w, 'DELETE', `zones/${zoneC}/disks/${gone}-pd`);
  await w.clock.sleep(60_000);
  assertDone(await removeMaster(w, gone));
  await assertWhole(w, 2, 1);
});

test('the only master’s disk is deleted by hand: nothing makes a second cluster of it, and what is left to do is said', async (t) => {
  const w = await small(t, 'only-disk');
  await deleteMachine(w, zoneB, first);
  await byHand(w, 'DELETE', `zones/${zoneB}/disks/${first}-pd`);
  const failed = await w.up(undefined, { ...articleWish, nodes: 1 });
  assert.deepEqual(told(failed), [
    'boot-failed',
    `The machine reports that its boot failed: ${first}: half-done: this cluster was made before, but not on this disk: repair or restore it`,
    'What etcd held was on the disk that is gone: without a snapshot of it nothing brings it back. Tear the cluster down and make it anew: trizone down, trizone up.',
  ]);
  assertDone((await w.down()) ?? assert.fail());
});

const foreign = (name: string, zone: string) => ({
  name,
  machineType: `zones/${zone}/machineTypes/e2-small`,
  disks: [
    {
      boot: true,
      autoDelete: true,
      initializeParams: { sourceImage: 'projects/debian-cloud/global/images/family/debian-12' },
    },
  ],
  networkInterfaces: [{ network: 'global/networks/default' }],
});

test('a foreign VM has the name of a replica: refused in the plan, and when it came between plan and run', async (t) => {
  const w = await small(t, 'foreign');
  const name = 'kubernetes-master-x7k';
  const wish = { cluster, zone: zoneC, name };
  const asked = () =>
    w.carryOut((p) => prepareReplicate(p.session.world, wish, { ids: p.session.ids, takeOver: false }));
  const p = await w.program();
  const push = p.events.push.bind(p.events);
  let hand: Promise<void> | undefined;
  p.events.push = (...all) => {
    if (all.some((e) => e.type === 'planned'))
      hand = byHand(w, 'POST', `zones/${zoneC}/instances`, foreign(name, zoneC));
    return push(...all);
  };
  const failed = await w.carryOut(
    (by) => prepareReplicate(by.session.world, wish, { ids: by.session.ids, takeOver: false }),
    p,
  );
  await hand;
  const refusal = {
    code: 'foreign',
    message: `Exists already and is not this cluster's: machine ${name} in ${zoneC} (it carries no marker of Trizone)`,
    remedy: 'Choose another name, or rename or remove that resource yourself.',
  };
  assert.deepEqual([failed.error?.code, failed.error?.message, failed.error?.remedy], Object.values(refusal));
  const before = await w.request('GET', `/compute/v1/projects/demo-project/zones/${zoneC}/instances/${name}`);
  await assertUnharmed(w, [first]);
  await assert.rejects(asked(), refusal);
  assertDone(await undo(w, 'replicate'));
  const after = await w.request('GET', `/compute/v1/projects/demo-project/zones/${zoneC}/instances/${name}`);
  assert.deepEqual(after, before, 'the foreign machine was touched');
  await assertWhole(w, 1, 1);
});
