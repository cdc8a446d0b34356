import assert from 'node:assert/strict';
import test from 'node:test';
import { names } from '../../src/model/names.ts';
import { articleWish, cloudWorld, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import {
  addPool,
  assertDone,
  assertWhole,
  cluster,
  makeHa,
  removeMaster,
  replicate,
  statusOf,
  zoneB,
  zoneC,
  zoneD,
  options,
} from './verbs.ts';
import { masterRemove } from '../../src/verbs/masterRemove.ts';
import { undo as undoVerb } from '../../src/verbs/registry.ts';
import { replicate as replicateVerb } from '../../src/verbs/replicate.ts';

/** Position of an event in a run. */
const at = (p: Program, type: string, step: string): number => {
  const found = p.events.findIndex((e) => type.split('|').includes(e.type) && 'step' in e && e.step === step);
  assert.ok(found >= 0, `no event ${type} ${step}`);
  return found;
};

test('a replica is registered last: after its boot reported its own readyz and its member votes', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up());
  const p = await w.program();
  assertDone(await replicate(w, zoneC, p));
  const name = (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.name ?? assert.fail();
  const order = [
    at(p, 'done', `boot:${name}`),
    at(p, 'done|skipped', `voter:${name}`),
    at(p, 'started', `register:${name}`),
    at(p, 'done|skipped', `healthy:${name}`),
    at(p, 'done|skipped', `validate:${cluster}`),
  ];
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    order,
  );
});

/** A new workload, and all earlier ones: each has its pods ready. */
const workloadsRun = async (w: CloudWorld, made: string[]): Promise<void> => {
  const { world } = (await w.program()).session;
  const kubernetes = (await world.kubernetes(names(cluster).secrets.admin)) ?? assert.fail();
  const name = `workload-${made.length}`;
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'nginx', image: 'nginx' }] } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  await kubernetes.apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' }, spec });
  made.push(name);
  await w.clock.sleep(60_000);
  const ready = (await kubernetes.pods('default')).filter((pod) => pod.ready).map((pod) => pod.labels.app);
  assert.deepEqual(
    made.map((each) => ready.filter((app) => app === each).length),
    made.map(() => 2),
  );
};

test('kube-up’s own e2e: twice in the same zone, then in another, with pools in several, and back; whole after each, and all workloads run', async (t) => {
  const w = await cloudWorld(t);
  const made: string[] = [];
  const see = async (masters: number): Promise<void> => {
    await assertWhole(w, masters, 4);
    await workloadsRun(w, made);
  };
  assertDone(await w.up());
  assertDone(await addPool(w, zoneC, { nodes: 1 }));
  await see(1);
  assertDone(await replicate(w, zoneB));
  await see(2);
  assertDone(await replicate(w, zoneB));
  await see(3);
  assertDone(await replicate(w, zoneC));
  await see(4);
  const { masters } = await statusOf(w);
  assert.equal(new Set(masters.map((m) => m.name)).size, 4);
  for (const [i, m] of masters.filter(({ name }) => name !== 'kubernetes-master').entries()) {
    assertDone(await removeMaster(w, m.name));
    await see(3 - i);
  }
});

const warningsOf = async (w: CloudWorld, zone: string): Promise<readonly string[]> => {
  const p = await w.program();
  return (await replicateVerb.prepare(p.session.world, { cluster, zone }, options(p))).warnings ?? [];
};

test('even numbers, the same zone twice and a sixth master are warned of or refused with the arithmetic', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up());
  assert.match((await warningsOf(w, zoneC)).join(), /^2 masters tolerate no failures: quorum is 2/);
  assert.match((await warningsOf(w, zoneB)).join(), /europe-west1-b would hold more than one master/);
  assertDone(await makeHa(w, [zoneC, zoneD]));
  assert.match(
    (await warningsOf(w, zoneC)).join(),
    /4 masters \(quorum 3\) tolerate 1 failure, no more than 3 masters \(quorum 2\)/,
  );
  assertDone(await replicate(w, zoneC));
  assert.deepEqual(await warningsOf(w, 'europe-west1-b'), [
    'europe-west1-b would hold more than one master, and losing that zone would lose all of them.',
  ]);
  assertDone(await replicate(w, zoneD));
  await assert.rejects(warningsOf(w, zoneB), {
    code: 'refused',
    message: 'A cluster can have at most 5 masters, and this one already has 5',
  });
});

const stop = (w: CloudWorld, name: string, zone: string): Promise<unknown> =>
  w.request('POST', `/compute/v1/projects/demo-project/zones/${zone}/instances/${name}/stop`);

test('while a master is down no other comes and no healthy one goes, and the plan says why', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up());
  assertDone(await makeHa(w, [zoneC, zoneD]));
  const masters = (await statusOf(w)).masters;
  const [down, healthy] = [masters.find((m) => m.zone === zoneD), masters.find((m) => m.zone === zoneC)];
  assert.ok(down && healthy);
  await stop(w, down.name, zoneD);
  await w.clock.sleep(120_000);
  await assert.rejects(replicate(w, zoneB), {
    code: 'refused',
    message: /etcd must be healthy before a member is added: .* \(2 of 3 responding, quorum 2\)/,
  });
  const remove = (name: string) =>
    w.carryOut((p) => masterRemove.prepare(p.session.world, { cluster, name }, options(p)));
  await assert.rejects(remove(healthy.name), {
    code: 'refused',
    message: /2 of 3 voters responding, quorum 2; without .*: 1 of 2, quorum 2/,
  });
});

/** Paths of all resources of a kind. */
const named = (w: CloudWorld, kind: string): string[] =>
  Object.keys((w.resources() as Record<string, object>)[`compute/${kind}`] ?? {}).sort();

test('a half-made replica is adopted by name, not doubled', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up());
  w.emulator.faults.set([
    { match: { kind: 'instances', verb: 'insert' }, times: 1000, fault: { type: 'stockOut', zonesAvailable: [zoneD] } },
  ]);
  assert.equal((await replicate(w, zoneC)).error?.code, 'stock-out');
  w.emulator.faults.set([]);
  w.forgetJournals();
  const disks = (): string[] => named(w, 'disks').filter((d) => /-master-[0-9a-z]{3}-pd$/.test(d));
  const [left, ...others] = disks();
  assert.ok(left !== undefined && others.length === 0, 'nothing was left half-made');
  assertDone(await replicate(w, zoneC));
  assert.deepEqual(disks(), [left]);
  await assertWhole(w, 2, 3);
});

const undo = (w: CloudWorld, verb: string) =>
  w.carryOut((p) => {
    const run = p.session.journals.list().find((r) => r.plan.verb === verb);
    assert.ok(run);
    return undoVerb.prepare(p.session.world, { run: run }, options(p));
  });

test('undo of replicate and make-ha takes voters away as master remove does, and leaves the cluster as it was', async (t) => {
  for (const verb of ['replicate', 'make-ha']) {
    const w = await cloudWorld(t, `undo-${verb}`);
    assertDone(await w.up());
    const before = w.resources() as Record<string, object>;
    assertDone(verb === 'replicate' ? await replicate(w, zoneC) : await makeHa(w, [zoneC, zoneD]));
    assertDone(await undo(w, verb));
    await assertWhole(w, 1, 3);
    const names = (all: Record<string, object>, kind: string): string[] =>
      Object.keys(all[`compute/${kind}`] ?? {}).sort();
    for (const kind of ['instances', 'disks', 'addresses', 'instanceGroups'])
      assert.deepEqual(names(w.resources() as Record<string, object>, kind), names(before, kind));
  }
});

test('undo of pool add drains and removes the pool and its template', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up());
  const templates = (): number =>
    Object.keys((w.resources() as Record<string, object>)['compute/instanceTemplates'] ?? {}).length;
  assertDone(await addPool(w, zoneC, { nodes: 1, pool: 'more' }));
  assert.equal(templates(), 2);
  assertDone(await undo(w, 'pool-add'));
  assert.equal(templates(), 1);
  await assertWhole(w, 1, 3);
});

test('up in three zones is one plan: three masters, three pools; a second up has nothing to do; down leaves nothing', async (t) => {
  const w = await cloudWorld(t);
  const before = w.resources();
  const wish = { ...articleWish, zones: [zoneB, zoneC, zoneD] };
  const p = await w.program();
  const made = await w.up(p, wish);
  assertDone(made);
  await assertWhole(w, 3, 9);
  const [, again] = await w.planUp(await w.program(), wish);
  assert.deepEqual(
    again.changes.map((c) => c.step.id),
    [],
  );
  const born = p.events.filter((e) => e.type === 'started' && e.step.startsWith('master:')).map((e) => e.at);
  const firstServes = p.events.find((e) => e.type === 'done' && e.step === 'boot:kubernetes-master')?.at ?? 0;
  assert.equal(born.length, 3);
  assert.ok(
    born.every((time) => time < firstServes),
    'machines do not boot side by side',
  );
  assertDone((await w.down()) ?? assert.fail());
  assert.deepEqual(w.resources(), before);
});
