import assert from 'node:assert/strict';
import test from 'node:test';
import { drillReport } from '../../src/verbs/drillReport.ts';
import { applyVerb } from '../../src/operate/operate.ts';
import { planVerb } from '../../src/operate/operator.ts';
import { articleWish, cloudWorld, project, type CloudWorld } from '../support/cloudWorld.ts';
import { temporaryFolder } from '../support/engineWorld.ts';
import { assertDone, assertWhole, cluster, statusOf, zoneB, zoneC, zoneD, options } from './verbs.ts';
import { down } from '../../src/verbs/down.ts';
import { haltMaster } from '../../src/verbs/haltMaster.ts';
import { masterRemove } from '../../src/verbs/masterRemove.ts';
import { masterStart } from '../../src/verbs/masterStart.ts';
import { poolRemove } from '../../src/verbs/poolRemove.ts';
import { poolResize } from '../../src/verbs/poolResize.ts';
import { protect as protectVerb, unprotect } from '../../src/verbs/protect.ts';
import { smoke } from '../../src/verbs/smoke.ts';

const never = new AbortController().signal;

const masterIn = async (w: CloudWorld, zone: string): Promise<string> =>
  (await statusOf(w)).masters.find((m) => m.zone === zone)?.name ?? assert.fail();

const statusIn = async (w: CloudWorld, zone: string, name: string): Promise<unknown> =>
  (await w.request('GET', `/compute/v1/projects/${project}/zones/${zone}/instances/${name}`)).status;

test('a halted master is watched, the cluster works meanwhile, and it serves again', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC, zoneD], nodes: 1 }));
  const p = await w.program();
  const name = await masterIn(w, zoneC);
  const prepared = await haltMaster.prepare(p.session.world, { cluster, name }, options(p));
  const plan = await planVerb(p.session, prepared, never);
  const done = await applyVerb(p.session, prepared, plan, {
    listen: () => undefined,
    cancel: never,
    takeOver: false,
    probe: false,
  });
  assertDone(done);
  await assertWhole(w, 3, 3);
  const seen = prepared.timeline.moments.map((m) => m.text);
  const order = ['is halted', 'NotReady', 'nginx still responds', 'nginx-next was deployed', 'powered on again'];
  const places = order.map((words) => seen.findIndex((text) => text.includes(words)));
  assert.ok(places[0] !== -1, seen.join('; '));
  assert.deepEqual(
    places.toSorted((x, y) => x - y),
    places,
    seen.join('; '),
  );
  const report = drillReport({ cluster, name, cloud: 'x', moments: prepared.timeline.moments, probed: undefined });
  assert.match(report, /\| \d+ s \| its Node is NotReady \|/);
  // Nothing of it stays behind.
  assertDone(await w.carryOut((by) => smoke.prepare(by.session.world, { cluster }, options(by)), p));
});

test('a drill that is cancelled while the master is off powers it on; resume brings it back to serving', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC, zoneD], nodes: 1 }));
  const p = await w.program();
  const name = await masterIn(w, zoneC);
  const prepared = await haltMaster.prepare(p.session.world, { cluster, name }, options(p));
  const plan = await planVerb(p.session, prepared, never);
  const cancel = new AbortController();
  const result = await applyVerb(p.session, prepared, plan, {
    listen: (e) => (e.type === 'progress' && e.text.includes('is halted') ? cancel.abort() : undefined),
    cancel: cancel.signal,
    takeOver: false,
  });
  assert.equal(result.error?.code, 'cancelled');
  assert.equal(await statusIn(w, zoneC, name), 'RUNNING');
  const resumed = await w.resume();
  assert.ok(resumed);
  assertDone(resumed);
  await assertWhole(w, 3, 3);
});

test('a master that another run has begun to remove is not waited for: start and a drill to be resumed say so at once', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC, zoneD], nodes: 1 }));
  const name = await masterIn(w, zoneC);
  const killed = await w.program({ crashAt: 4 });
  await assert.rejects(
    w.carryOut((p) => haltMaster.prepare(p.session.world, { cluster, name }, options(p)), killed),
    /killed/,
  );
  w.bury();
  const remover = await w.program({ folder: temporaryFolder(t) });
  const prepared = await masterRemove.prepare(
    remover.session.world,
    { cluster, name },
    { ...options(remover), takeOver: true },
  );
  const plan = await planVerb(remover.session, prepared, never);
  const cancel = new AbortController();
  const result = await applyVerb(remover.session, prepared, plan, {
    listen: (e) => (e.type === 'done' && e.step === `member:${name}` ? cancel.abort() : undefined),
    cancel: cancel.signal,
    takeOver: true,
  });
  assert.equal(result.error?.code, 'cancelled');
  const refusal = {
    code: 'refused',
    message: `${name} is no longer an etcd member: its removal has started`,
    remedy: `To finish its removal: trizone master remove ${name}`,
  };
  await assert.rejects(w.resume(), refusal);
  await assert.rejects(
    w.carryOut((p) => masterStart.prepare(p.session.world, { cluster, name }, options(p))),
    refusal,
  );
  assertDone(await w.carryOut((p) => masterRemove.prepare(p.session.world, { cluster, name }, options(p)), remover));
  await assertWhole(w, 2, 3);
});

test('halting one of two masters, or the only one, is refused with the arithmetic', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC], nodes: 1 }));
  const name = await masterIn(w, zoneC);
  await assert.rejects(
    w.carryOut((p) => haltMaster.prepare(p.session.world, { cluster, name }, options(p))),
    {
      code: 'refused',
      message: `Halting ${name} would stop the API: 2 of 2 voters responding; without ${name}: 1, quorum 2`,
      remedy: 'A drill needs three healthy masters. To get them: trizone make-ha',
    },
  );
});

test('a protected cluster refuses drills, removals and tear down until the protection is ended; it may grow', async (t) => {
  const w = await cloudWorld(t);
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC], nodes: 2 }));
  const name = await masterIn(w, zoneC);
  const protect = (on: boolean) =>
    w.carryOut((p) => (on ? protectVerb : unprotect).prepare(p.session.world, { cluster }, options(p)));
  assertDone(await protect(true));
  const refusal = (verb: string) => ({
    code: 'refused',
    message: `The cluster is protected from drills, removals, and teardown: ${verb}`,
    remedy: 'To proceed anyway, first run: trizone protect off',
  });
  const pool = { cluster, zone: zoneC };
  const remove = () => w.carryOut((p) => masterRemove.prepare(p.session.world, { cluster, name }, options(p)));
  await assert.rejects(remove(), refusal('master-remove'));
  await assert.rejects(
    w.carryOut((p) => poolRemove.prepare(p.session.world, pool, options(p))),
    refusal('pool-remove'),
  );
  await assert.rejects(
    w.carryOut((p) => poolResize.prepare(p.session.world, { ...pool, nodes: 1 }, options(p))),
    refusal('pool-resize'),
  );
  await assert.rejects(
    w.carryOut(async (p) => (await down.prepare(p.session.world, { cluster: cluster }, options(p))) ?? assert.fail()),
    refusal('down'),
  );
  assertDone(await w.carryOut((p) => poolResize.prepare(p.session.world, { ...pool, nodes: 3 }, options(p))));
  assert.equal((await statusOf(w)).isProtected, true);
  assertDone(await protect(false));
  assertDone(await remove());
  await assertWhole(w, 1, 5);
});
