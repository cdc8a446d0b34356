import assert from 'node:assert/strict';
import test from 'node:test';
import { articleWish, cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';
import { kubectl } from './kubeApi.ts';
import { small } from './stories.ts';
import { assertDone, assertWhole, checksOf, cluster, options, statusOf, zoneB, zoneC, zoneD } from './verbs.ts';
import { masterRepair } from '../../src/verbs/masterRepair.ts';
import { nodeRepair } from '../../src/verbs/nodeRepair.ts';

const strangers = async (w: CloudWorld): Promise<string | undefined> =>
  (await checksOf(w, await statusOf(w))).find((c) => c.id === 'nodes-match-machines')?.evidence;

const loseNode = async (w: CloudWorld, name: string): Promise<void> => {
  await kubectl(w, 'DELETE', `/api/v1/nodes/${name}`);
  await w.clock.sleep(300_000);
};

const repairMaster = (w: CloudWorld, name: string) =>
  w.carryOut((p) => masterRepair.prepare(p.session.world, { cluster, name }, options(p)));

const repairNode = (w: CloudWorld, name: string) =>
  w.carryOut((p) => nodeRepair.prepare(p.session.world, { cluster, name }, options(p)));

test("a healthy master's Node was deleted: validate names the remedy, and repair is a gentle restart", async (t) => {
  const w = await cloudWorld(t, 'lost-master');
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC, zoneD], nodes: 0 }));
  const name = (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.name ?? '';
  await loseNode(w, name);
  assert.equal(
    await strangers(w),
    `instance ${name} has no Node; if none appears within a few minutes, run: trizone master repair ${name}`,
  );
  const p = await w.program();
  const { steps } = await masterRepair.prepare(p.session.world, { cluster, name }, options(p));
  assert.ok(steps.some((s) => s.id === `deregister:${name}`) && steps.some((s) => s.id === `guard:${name}`));
  assertDone(await repairMaster(w, name));
  await assertWhole(w, 3, 0);
});

test("an only master's Node was deleted: repair says that the API pauses, and heals it", async (t) => {
  const w = await small(t, 'lost-only');
  await loseNode(w, 'kubernetes-master');
  const p = await w.program();
  const wish = { cluster, name: 'kubernetes-master' };
  assert.deepEqual((await masterRepair.prepare(p.session.world, wish, options(p))).warnings, [
    'The API will be unavailable for about a minute while kubernetes-master restarts.',
  ]);
  assertDone(await repairMaster(w, 'kubernetes-master'));
  await assertWhole(w, 1, 1);
});

test("a worker's Node was deleted: validate names the verb, which restarts it; one that is Ready is left alone", async (t) => {
  const w = await small(t, 'lost-node');
  const name = (await statusOf(w)).pools[0]?.nodes[0]?.name ?? '';
  await loseNode(w, name);
  assert.equal(
    await strangers(w),
    `instance ${name} has no Node; if none appears within a few minutes, run: trizone node repair ${name}`,
  );
  assertDone(await repairNode(w, name));
  await assertWhole(w, 1, 1);
  const p = await w.program();
  assertDone(await w.carryOut((by) => nodeRepair.prepare(by.session.world, { cluster, name }, options(by)), p));
  assert.ok(!p.events.some((e) => e.type === 'started' && e.step.startsWith('restart:')));
  await assert.rejects(repairNode(w, 'kubernetes-master'), { code: 'not-found', message: /^Node not found/ });
});
