import assert from 'node:assert/strict';
import test from 'node:test';
import type { EtcdMember } from '../../src/kube/kubernetes.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { names } from '../../src/model/names.ts';
import { readExisting } from '../../src/steps/existing.ts';
import { powerOn } from '../../src/steps/power.ts';
import type { Reads } from '../../src/steps/world.ts';
import { applyVerb } from '../../src/operate/operate.ts';
import { planVerb } from '../../src/operate/operator.ts';
import type { Prepared } from '../../src/verbs/prepared.ts';
import { articleWish, cloudWorld, project, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { byHand } from './cloudErrors.ts';
import { resumed, small } from './stories.ts';
import {
  addPool,
  assertDone,
  assertWhole,
  cluster,
  makeHa,
  options,
  replicate,
  statusOf,
  zoneB,
  zoneC,
  zoneD,
} from './verbs.ts';
import { masterRemove } from '../../src/verbs/masterRemove.ts';
import { masterRepair } from '../../src/verbs/masterRepair.ts';
import { poolRemove } from '../../src/verbs/poolRemove.ts';
import { poolResize } from '../../src/verbs/poolResize.ts';
import { protect } from '../../src/verbs/protect.ts';

const never = new AbortController().signal;

/** A verb is planned; then somebody else's hand; then it is applied, with a yes to the difference. */
const shownThen = async (w: CloudWorld, prepare: (p: Program) => Promise<Prepared>, hand: () => Promise<unknown>) => {
  const p = await w.program();
  const prepared = await prepare(p);
  const plan = await planVerb(p.session, prepared, never);
  assert.deepEqual(plan.refusals, []);
  await hand();
  const agrees = { listen: () => undefined, cancel: never, takeOver: false, differs: () => Promise.resolve(true) };
  return { p, done: await applyVerb(p.session, prepared, plan, agrees) };
};

const masterIn = async (w: CloudWorld, zone: string): Promise<string> =>
  (await statusOf(w)).masters.find((m) => m.zone === zone)?.name ?? assert.fail(`no master in ${zone}`);

const nodesOf = async (w: CloudWorld, pool = 'kubernetes-minion-group'): Promise<string[]> =>
  (await statusOf(w)).pools.flatMap((p) => (p.name === pool ? p.nodes.map((n) => n.name) : []));

const deleteByHand = (w: CloudWorld, names: readonly string[]): Promise<unknown> =>
  w.request(
    'POST',
    `/compute/v1/projects/${project}/zones/${zoneB}/instanceGroupManagers/kubernetes-minion-group/deleteInstances`,
    {
      instances: names.map((name) => `projects/${project}/zones/${zoneB}/instances/${name}`),
    },
  );

test('pool a goes, pool a-b beside it keeps its machine and its Node', async (t) => {
  const w = await small(t, 'prefix');
  assertDone(await addPool(w, zoneB, { nodes: 1, pool: 'a' }));
  assertDone(await addPool(w, zoneB, { nodes: 1, pool: 'a-b' }));
  const before = await nodesOf(w, 'kubernetes-minion-a-b');
  assert.equal((await nodesOf(w, 'kubernetes-minion-a')).length, 1);
  assertDone(
    await w.carryOut((p) => poolRemove.prepare(p.session.world, { cluster, zone: zoneB, pool: 'a' }, options(p))),
  );
  assert.deepEqual(await nodesOf(w, 'kubernetes-minion-a-b'), before);
  await assertWhole(w, 1, 2);
});

test('a master came into the zone while its removal was read: the group stays, and the new one serves', async (t) => {
  const w = await small(t, 'group');
  assertDone(await makeHa(w, [zoneB, zoneC]));
  const name = await masterIn(w, zoneC);
  const remove = (p: Program) => masterRemove.prepare(p.session.world, { cluster, name }, options(p));
  const { done } = await shownThen(w, remove, async () => assertDone(await replicate(w, zoneC)));
  assertDone(done);
  const { masters } = await assertWhole(w, 2, 1);
  assert.ok(!masters.some((m) => m.name === name));
});

test('an old resize is gone on with after the pool got its size: nothing is deleted', async (t) => {
  const w = await cloudWorld(t, 'resize');
  assertDone(await w.up(undefined, { ...articleWish, nodes: 4 }));
  const p = await w.program({ crashAt: 4 });
  const resize = (by: Program) => poolResize.prepare(by.session.world, { cluster, zone: zoneB, nodes: 2 }, options(by));
  await assert.rejects(w.carryOut(resize, p), /killed/);
  w.bury();
  const { victims } = p.journals.list()[0]?.plan.input as { victims: string[] };
  const others = (await nodesOf(w)).filter((name) => !victims.includes(name));
  await deleteByHand(w, others);
  await w.clock.sleep(600_000);
  assertDone(await resumed(w));
  assert.deepEqual((await nodesOf(w)).toSorted(), victims.toSorted());
  await assertWhole(w, 1, 2);
});

test('a pool that shrank while a resize was read loses only what it still has too much of', async (t) => {
  const w = await cloudWorld(t, 'shrink');
  assertDone(await w.up(undefined, { ...articleWish, nodes: 4 }));
  const resize = (p: Program) => poolResize.prepare(p.session.world, { cluster, zone: zoneB, nodes: 2 }, options(p));
  const { done } = await shownThen(w, resize, async () => {
    const prepared = await resize(await w.program());
    const { victims } = prepared.input as { victims: string[] };
    await deleteByHand(w, (await nodesOf(w)).filter((name) => !victims.includes(name)).slice(0, 1));
    await w.clock.sleep(600_000);
  });
  assertDone(done);
  await assertWhole(w, 1, 2);
});

test('a repair that announced a start does not reset a master that came back meanwhile', async (t) => {
  const w = await cloudWorld(t, 'came-back');
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC, zoneD], nodes: 1 }));
  const name = await masterIn(w, zoneC);
  const power = async (how: string): Promise<void> => {
    await byHand(w, 'POST', `zones/${zoneC}/instances/${name}/${how}`);
    await w.clock.sleep(300_000);
  };
  await power('stop');
  const repair = (p: Program) => masterRepair.prepare(p.session.world, { cluster, name }, options(p));
  const { p, done } = await shownThen(w, repair, () => power('start'));
  assertDone(done);
  assert.ok(!p.events.some((e) => e.type === 'started' && e.step.startsWith('power:')));
  await assertWhole(w, 3, 3);
});

const member = (name: string, healthy: boolean): EtcdMember => ({
  ...{ id: name, name, started: true, learner: false, leader: false, peerUrl: '', clientUrl: '', dbSize: 0 },
  healthy,
});

// What one look after the other tells of the members m, a and b.
const lookedAt = async (looks: readonly (readonly boolean[] | 'silent')[], through: readonly string[]) => {
  const clock = new VirtualClock();
  let n = 0;
  const etcd = () => {
    const look = looks[n++] ?? assert.fail('one look too many');
    if (look === 'silent')
      return Promise.reject(Object.assign(new Error('no response'), { name: 'OperatorError', code: 'kubernetes' }));
    return Promise.resolve({ members: ['m', 'a', 'b'].map((name, i) => member(name, look[i] ?? true)), alarms: [] });
  };
  const world = {
    cloud: { compute: { get: () => Promise.resolve({ status: 'RUNNING' }) } },
    kubernetes: () => Promise.resolve({ etcd }),
  } as unknown as Reads;
  const step = powerOn({ name: 'm', zone: zoneB }, { ifUnhealthy: { names: names(cluster), through } }, []);
  const start = clock.now();
  const facts = await step.observe({ world, clock, signal: never, out: () => assert.fail() });
  const decision = step.decide({ known: true, facts });
  const what =
    decision.do === 'refuse' ? decision.error.message : decision.do === 'update' ? decision.detail : decision.do;
  return { what, ms: clock.now() - start, looks: n };
};

test('a running master is reset only where three looks over ten seconds find it sick, and the others are a quorum', async () => {
  const reset = 'it is running, so it is reset';
  const sick = [false, true, true];
  assert.deepEqual(await lookedAt([sick, sick, sick], ['a', 'b']), { what: reset, ms: 10_000, looks: 3 });
  assert.deepEqual(await lookedAt([sick, sick, [true]], ['a', 'b']), { what: 'nothing', ms: 10_000, looks: 3 });
  assert.deepEqual(await lookedAt([[true]], ['a', 'b']), { what: 'nothing', ms: 0, looks: 1 });
  const two = [false, false, true];
  assert.equal(
    (await lookedAt([two, two, two], ['b'])).what,
    'Resetting m may stop the API: 1 of 3 voters responding without it, quorum 2',
  );
  assert.equal((await lookedAt(['silent', 'silent', 'silent'], ['m'])).what, reset);
  assert.equal((await lookedAt(['silent', [true]], ['m'])).what, 'nothing');
  assert.equal((await lookedAt(['silent'], ['a'])).what, 'nothing');
});

test('on a protected cluster a repair replaces no master; it may still start one', async (t) => {
  const w = await cloudWorld(t, 'protected');
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC, zoneD], nodes: 1 }));
  assertDone(await w.carryOut((p) => protect.prepare(p.session.world, { cluster }, options(p))));
  const name = await masterIn(w, zoneC);
  const repair = (zone?: string) =>
    w.carryOut((p) => masterRepair.prepare(p.session.world, { cluster, name, zone }, options(p)));
  await assert.rejects(repair(zoneD), { code: 'refused', remedy: 'To proceed anyway, first run: trizone protect off' });
  await byHand(w, 'POST', `zones/${zoneC}/instances/${name}/stop`);
  assertDone(await repair());
  await assertWhole(w, 3, 3);
});

test('up again says nothing of the allow-list: it stays, in words; an explicit 0.0.0.0/0 opens it', async (t) => {
  const w = await cloudWorld(t, 'allow');
  const allow = ['203.0.113.0/24'];
  const rule = async () =>
    (await w.request('GET', `/compute/v1/projects/${project}/global/firewalls/kubernetes-master-https`)).sourceRanges;
  const p = await w.program({ crashAt: 60 });
  await assert.rejects(w.up(p, { ...articleWish, nodes: 1, apiAllow: allow }), /killed/);
  w.bury();
  const narrow = [...allow, '10.128.0.0/20', '10.64.0.0/14'];
  const again = await w.program();
  const [prepared, plan] = await w.planUp(again, { ...articleWish, nodes: 1 });
  assert.ok(
    prepared.warnings?.includes(
      `The API stays open only to ${narrow.join(', ')}. To open it to anyone, use --api-allow 0.0.0.0/0.`,
    ),
  );
  assertDone(await w.apply(again, [prepared, plan]));
  assert.deepEqual(await rule(), narrow);
  assert.deepEqual((await readExisting(again.session.world, cluster)).cluster.apiAllow, allow);
  assertDone(await w.up(undefined, { ...articleWish, nodes: 1, apiAllow: ['0.0.0.0/0'] }));
  assert.deepEqual(await rule(), ['0.0.0.0/0']);
  const [open] = await w.planUp(await w.program(), { ...articleWish, nodes: 1 });
  assert.deepEqual(
    open.warnings?.filter((text) => text.startsWith('The API stays open only to')),
    [],
  );
});
