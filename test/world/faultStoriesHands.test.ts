import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { planVerb } from '../../src/operate/operator.ts';
import { articleWish, type CloudWorld } from '../support/cloudWorld.ts';
import { byHand } from './cloudErrors.ts';
import { assertUnharmed, resumed, small, told, undo, undoOf } from './stories.ts';
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
import { replicate as replicateVerb } from '../../src/verbs/replicate.ts';

const first = 'kubernetes-master';

/** A cluster whose `replicate` was killed when it began to wait for the new machine. */
const killedWhileItBoots = async (t: TestContext, seed: string): Promise<CloudWorld> => {
  // An undisturbed run of the same seeds tells at which record that is.
  const trial = await small(t, seed);
  assertDone(await replicate(trial, zoneC, await trial.program({ seed: 'closing' })));
  const records = (await trial.program()).session.journals.list()[0]?.records ?? [];
  const crashAt = records.findIndex((r) => r.type === 'intent' && r.step.startsWith('boot:'));
  const w = await small(t, seed);
  await assert.rejects(replicate(w, zoneC, await w.program({ crashAt, seed: 'closing' })), /killed/);
  w.bury();
  return w;
};

test('the editor is closed in the middle: the machine joins by itself, serves nobody yet, and resume lets it in', async (t) => {
  const w = await killedWhileItBoots(t, 'closed');
  await w.clock.sleep(3_600_000);
  const joined = (await statusOf(w)).masters.find((m) => m.zone === zoneC);
  assert.deepEqual([joined?.etcd, joined?.node, joined?.backend], ['voter', 'Ready', 'not in the load balancer']);
  await assertUnharmed(w, [first]);
  assertDone(await resumed(w));
  await assertWhole(w, 2, 1);
});

const etcdInC = async (w: CloudWorld): Promise<string | undefined> =>
  (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.etcd;

/** Takes a replica back that boots; `yesAfter`: simulated milliseconds between the plan and the yes. What was done of it. */
const takenBack = async (w: CloudWorld, yesAfter: number): Promise<string[]> => {
  const p = await w.program();
  const prepared = await undoOf(p, 'replicate');
  const plan = await planVerb(p.session, prepared, new AbortController().signal);
  assert.equal(await etcdInC(w), 'none');
  await w.clock.sleep(yesAfter);
  assertDone(await w.apply(p, [prepared, plan]));
  await assertWhole(w, 1, 1);
  return p.events.flatMap((e) => (e.type === 'done' ? [e.step.replace(/:.*/, '')] : []));
};

test('a replica joins between the plan that takes it back and the yes to it: its vote goes before its machine', async (t) => {
  const w = await killedWhileItBoots(t, 'plan-first');
  const done = await takenBack(w, 600_000);
  assert.ok(done.includes('member') && !done.includes('off'), done.join(' '));
});

test('a replica that is taken back while it boots is switched off before it can join', async (t) => {
  const done = await takenBack(await killedWhileItBoots(t, 'booting'), 0);
  assert.equal(
    done.find((step) => step !== 'lease' && step !== 'guard'),
    'off',
  );
  assert.ok(!done.includes('member') && !done.includes('quiet'), done.join(' '));
});

test('it gets its vote in the moment in which it is switched off: it is started once more, and gives it back', async (t) => {
  const w = await killedWhileItBoots(t, 'last-moment');
  const real = w.emulator.fetch.bind(w.emulator);
  w.emulator.fetch = async (url, init) => {
    if (new URL(url).pathname.endsWith('/stop')) while ((await etcdInC(w)) !== 'voter') await w.clock.sleep(5_000);
    return real(url, init);
  };
  const done = await takenBack(w, 0);
  assert.ok(done.includes('off') && done.includes('member'), done.join(' '));
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
      ['etcd-members', `member ${gone} is not a master`],
      ['etcd-health', `${gone} is not responding`],
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
    `The instance reported a failed boot: ${first}: half-done: this cluster was created before, but not on this disk: repair or restore it`,
    'The etcd data was on the lost disk and cannot be recovered without a snapshot. Tear the cluster down and create it again: trizone down, trizone up',
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
    w.carryOut((p) => replicateVerb.prepare(p.session.world, wish, { ids: p.session.ids, takeOver: false }));
  const p = await w.program();
  const push = p.events.push.bind(p.events);
  let hand: Promise<void> | undefined;
  p.events.push = (...all) => {
    if (all.some((e) => e.type === 'planned'))
      hand = byHand(w, 'POST', `zones/${zoneC}/instances`, foreign(name, zoneC));
    return push(...all);
  };
  const failed = await w.carryOut(
    (by) => replicateVerb.prepare(by.session.world, wish, { ids: by.session.ids, takeOver: false }),
    p,
  );
  await hand;
  const refusal = {
    code: 'foreign',
    message: `Already exists but is not part of this cluster: instance ${name} in ${zoneC} (it has no Trizone marker)`,
    remedy: 'Choose another name, or rename or delete that resource yourself.',
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
