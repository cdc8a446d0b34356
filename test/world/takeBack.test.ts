import assert from 'node:assert/strict';
import test from 'node:test';
import type { Listen } from '../../src/engine/events.ts';
import { takeBack } from '../../src/steps/takeBack.ts';
import { applyVerb } from '../../src/operate/operate.ts';
import { planVerb } from '../../src/operate/operator.ts';
import type { Prepared } from '../../src/verbs/prepared.ts';
import { articleWish, cloudWorld, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { budget, deployment } from './blocked.ts';
import { kubectl } from './kubeApi.ts';
import { resumed } from './stories.ts';
import { assertDone, assertWhole, cluster, options, statusOf, zoneB, zoneC, zoneD } from './verbs.ts';
import { haltMaster } from '../../src/verbs/haltMaster.ts';
import { poolRemove } from '../../src/verbs/poolRemove.ts';
import { smoke } from '../../src/verbs/smoke.ts';

const never = new AbortController().signal;

interface NodeAnswer {
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: { readonly unschedulable?: boolean };
}

/** Nodes that take no pods, with the run that their annotation names. */
const cordoned = async (w: CloudWorld): Promise<Record<string, string>> => {
  const { items } = (await kubectl(w, 'GET', '/api/v1/nodes')) as { items: NodeAnswer[] };
  const marked = items.filter((n) => n.spec.unschedulable === true || 'trizone/cordoned-by' in n.metadata.annotations);
  return Object.fromEntries(
    marked.map((n) => [n.metadata.name, n.metadata.annotations['trizone/cordoned-by'] ?? 'a person']),
  );
};

/** The marks of such Nodes as the cluster has stored them: at this very moment, where an answer would come later. */
const marks = (w: CloudWorld): string[] =>
  JSON.stringify(w.emulator.exportState()).match(/"unschedulable":true|"trizone.cordoned-by":"[^"]*"/g) ?? [];

// A pool of two, one of them cordoned by a person, whose pods a budget holds.
const held = async (w: CloudWorld): Promise<{ person: string; other: string }> => {
  assertDone(await w.up(undefined, { ...articleWish, nodes: 2 }));
  await kubectl(w, 'POST', '/apis/apps/v1/namespaces/default/deployments', deployment);
  await w.clock.sleep(60_000);
  await kubectl(w, 'POST', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', budget);
  const [person = '', other = ''] = (await statusOf(w)).pools.flatMap((p) => p.nodes.map((n) => n.name));
  await kubectl(w, 'PATCH', `/api/v1/nodes/${person}`, { spec: { unschedulable: true } });
  return { person, other };
};

const drained = async (p: Program): Promise<Prepared> =>
  poolRemove.prepare(p.session.world, { cluster, zone: zoneB }, options(p));

/** Applies until somebody hears of a step's progress. */
const until = async (p: Program, prepared: Prepared, words: RegExp, heard: () => Promise<void>, listen: Listen) => {
  const plan = await planVerb(p.session, prepared, never);
  const cancel = new AbortController();
  const seen = Promise.withResolvers<void>();
  let is = false;
  const done = await applyVerb(p.session, prepared, plan, {
    listen: (e) => {
      listen(e);
      if (is || e.type !== 'progress' || !words.test(e.text)) return;
      is = true;
      void heard().then(() => {
        cancel.abort();
        seen.resolve();
      }, seen.reject);
    },
    cancel: cancel.signal,
    takeOver: false,
  });
  await seen.promise;
  return done;
};

test('a drain that ends early opens what it has cordoned, and nothing that a person had: at its deadline and when cancelled', async (t) => {
  const w = await cloudWorld(t, 'cordons');
  const { person, other } = await held(w);
  const p = await w.program();
  const prepared = await drained(p);
  // When the drain itself ends: what the run takes back at its own end comes later.
  const left: string[][] = [];
  const listen: Listen = (e) => {
    if (e.type === 'failed' || (e.type === 'cancelled' && e.step !== undefined)) left.push(marks(w));
  };
  const plan = await planVerb(p.session, prepared, never);
  const failed = await applyVerb(p.session, prepared, plan, { listen, cancel: never, takeOver: false });
  assert.match(failed.error?.message ?? '', /^Not drained within 10 min: /);
  assert.deepEqual(await cordoned(w), { [person]: 'a person' });
  let meanwhile: Record<string, string> = {};
  const heard = async (): Promise<void> => {
    meanwhile = await cordoned(w);
  };
  const cancelled = await until(p, await drained(p), /left; blocked/, heard, listen);
  assert.equal(cancelled.error?.code, 'cancelled');
  assert.deepEqual(meanwhile, { [person]: 'a person', [other]: cancelled.run });
  assert.deepEqual(left, [['"unschedulable":true'], ['"unschedulable":true']]);
  assert.deepEqual(await cordoned(w), { [person]: 'a person' });
});

test('what a killed run left is taken back: its cordons by the resume or by the next run, its namespace, its Leases', async (t) => {
  const w = await cloudWorld(t, 'killed-drain');
  const { person, other } = await held(w);
  const p = await w.program({ crashAt: 4 });
  await assert.rejects(w.carryOut(drained, p), /killed/);
  w.bury();
  const run = p.journals.list()[0]?.plan.run ?? '';
  // As it would have left it a moment later.
  const metadata = { annotations: { 'trizone/cordoned-by': run } };
  const leave = () => kubectl(w, 'PATCH', `/api/v1/nodes/${other}`, { metadata, spec: { unschedulable: true } });
  await leave();
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'trizone-probe-7' } };
  await kubectl(w, 'POST', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases', lease);
  await kubectl(w, 'POST', '/api/v1/namespaces', { metadata: { name: 'trizone-smoke' } });
  await kubectl(w, 'POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
  const kubernetes = await (await w.program()).session.world.kubernetes('kubernetes-admin');
  assert.ok(kubernetes);
  await takeBack(kubernetes);
  await w.clock.sleep(60_000);
  assert.deepEqual(await cordoned(w), { [person]: 'a person' });
  assert.deepEqual(
    (await kubernetes.leases('kube-system')).filter((l) => l.name.startsWith('trizone-')),
    [],
  );
  const { items } = (await kubectl(w, 'GET', '/api/v1/namespaces')) as { items: { metadata: { name: string } }[] };
  const spaces = items.map((n) => n.metadata.name);
  assert.ok(spaces.includes('shop') && !spaces.includes('trizone-smoke'), spaces.join());
  // The same by the end of a run, of another dead one's as well.
  const dead = { annotations: { 'trizone/cordoned-by': 'r-dead' } };
  await kubectl(w, 'PATCH', '/api/v1/nodes/kubernetes-master', { metadata: dead, spec: { unschedulable: true } });
  await kubectl(w, 'POST', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases', lease);
  await kubectl(w, 'POST', '/api/v1/namespaces', { metadata: { name: 'trizone-drill' } });
  await leave();
  const leases = async () => (await kubernetes.leases('kube-system')).map((l) => l.name).toSorted();
  const others = (await leases()).filter((name) => !name.startsWith('trizone-'));
  const again = await resumed(w);
  assert.match(again.error?.message ?? '', /^Not drained within 10 min: /);
  assert.deepEqual(await cordoned(w), { [person]: 'a person' });
  await w.clock.sleep(60_000);
  assert.deepEqual(await leases(), others);
  const last = (await kubectl(w, 'GET', '/api/v1/namespaces')) as { items: { metadata: { name: string } }[] };
  assert.ok(!last.items.some((n) => n.metadata.name === 'trizone-drill'));
});

test('a drill past its deadline powers its master on before the run ends, and leaves no namespace', async (t) => {
  const w = await cloudWorld(t, 'late-drill');
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC, zoneD], nodes: 1 }));
  const p = await w.program();
  const name = (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.name ?? '';
  const prepared = await haltMaster.prepare(p.session.world, { cluster, name }, options(p));
  // Not 20 minutes: its time is over while the master is off.
  const step = prepared.steps.find((s) => s.id === `halt:${name}`) ?? assert.fail();
  Object.assign(step, { timeoutMs: 40_000 });
  const done = await w.apply(p, [prepared, await planVerb(p.session, prepared, never)]);
  assert.equal(done.error?.code, 'timeout', done.error?.message);
  assert.equal((await statusOf(w)).masters.find((m) => m.name === name)?.status, 'RUNNING');
  const { items } = (await kubectl(w, 'GET', '/api/v1/namespaces')) as {
    items: { metadata: { name: string; deletionTimestamp?: string } }[];
  };
  const left = items.filter((n) => n.metadata.name === 'trizone-drill' && n.metadata.deletionTimestamp === undefined);
  assert.deepEqual(left, []);
  assertDone(await resumed(w));
  await assertWhole(w, 3, 3);
  assertDone(await w.carryOut((by) => smoke.prepare(by.session.world, { cluster }, options(by)), p));
});
