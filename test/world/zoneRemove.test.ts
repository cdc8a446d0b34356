import assert from 'node:assert/strict';
import test from 'node:test';
import type { Program, CloudWorld } from '../support/cloudWorld.ts';
import type { RunResult } from '../../src/engine/runOptions.ts';
import { small } from './stories.ts';
import { addPool, assertDone, assertWhole, cluster, makeHa, statusOf, zoneB, zoneC, zoneD } from './verbs.ts';
import { zoneRemove } from '../../src/verbs/zoneRemove.ts';

/** What `kube-down` without variables does to a zone while others hold masters. */
const removeZone = async (w: CloudWorld, zone: string, by?: Program): Promise<RunResult> => {
  const s = await statusOf(w);
  const masters = s.masters.filter((m) => m.zone === zone).map((m) => m.name);
  const pools = s.pools.filter((p) => p.zone === zone).map(() => 'group');
  return w.carryOut(
    (p) =>
      zoneRemove.prepare(p.session.world, { cluster, zone, pools, masters }, { ids: p.session.ids, takeOver: false }),
    by,
  );
};

/** Everything of a zone that is left in the cloud. */
const restOf = (w: CloudWorld, zone: string): string[] =>
  Object.values(w.resources() as Record<string, object>)
    .flatMap((kind) => Object.keys(kind))
    .filter((path) => path.startsWith(`zones/${zone}/`));

test('a zone goes: its pool is drained before its master leaves, and nothing of it is left; then the first zone likewise', async (t) => {
  const w = await small(t, 'zone');
  assertDone(await addPool(w, zoneC, { nodes: 2 }));
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  await assertWhole(w, 3, 3);
  const p = await w.program();
  assertDone(await removeZone(w, zoneC, p));
  const at = (type: string, step: RegExp): number =>
    p.events.findIndex((e) => e.type === type && 'step' in e && step.test(e.step ?? ''));
  const order = [
    at('done', /^drain:europe-west1-c\//),
    at('done', /^remove-pool:europe-west1-c\//),
    at('done', /^deregister:/),
    at('done', /^member:/),
    at('done', /^remove-instances:europe-west1-c\//),
    at('done', /^remove-group:europe-west1-c\//),
  ];
  assert.ok(!order.includes(-1), order.join());
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.deepEqual(restOf(w, zoneC), []);
  await assertWhole(w, 2, 1);
  assertDone(await addPool(w, zoneD, { nodes: 1 }));
  assertDone(await removeZone(w, zoneB));
  assert.deepEqual(restOf(w, zoneB), []);
  await assertWhole(w, 1, 1);
  await assert.rejects(removeZone(w, zoneD), {
    code: 'refused',
    message: /^No master would remain: kubernetes-master-...$/,
    remedy: 'Tear the cluster down instead: trizone down',
  });
});
