import assert from 'node:assert/strict';
import test from 'node:test';
import { budget, deployment } from './blocked.ts';
import { kubectl } from './kubeApi.ts';
import { assertUnharmed, resumed, small } from './stories.ts';
import { addPool, assertDone, assertWhole, checksOf, removePool, replicate, statusOf, zoneB, zoneC } from './verbs.ts';

const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';

test('a disruption budget that allows nothing: the drain ends at its deadline by name, the node takes pods again, resume goes on', async (t) => {
  const w = await small(t, 'budget');
  await kubectl(w, 'POST', '/apis/apps/v1/namespaces/default/deployments', deployment);
  await w.clock.sleep(60_000);
  assertDone(await addPool(w, zoneC, { nodes: 1 }));
  await kubectl(w, 'POST', budgets, budget);
  const failed = await removePool(w, zoneB);
  const blocked =
    'default/web-[0-9a-z]+-[0-9a-z]+: The disruption budget both needs 2 healthy pods and has 2 currently';
  assert.equal(failed.error?.code, 'refused', failed.error?.message);
  assert.match(failed.error.message, new RegExp(`^Not drained within 10 min: ${blocked}; ${blocked}$`));
  assert.equal(
    failed.error.remedy,
    'Add capacity for those workloads on other nodes or change their PodDisruptionBudget, then: trizone resume. Nodes that were not already cordoned accept pods again.',
  );
  await assertUnharmed(w, ['kubernetes-master']);
  const kept = (await statusOf(w)).pools.find((p) => p.zone === zoneB);
  assert.equal(kept?.nodes.length, 1, 'the machine is gone');
  const { items } = (await kubectl(w, 'GET', '/api/v1/nodes')) as { items: { spec: { unschedulable?: boolean } }[] };
  assert.ok(!items.some((n) => n.spec.unschedulable === true), 'a node is still cordoned');
  await kubectl(w, 'DELETE', `${budgets}/both`);
  assertDone(await resumed(w));
  await assertWhole(w, 1, 1);
});

test('a cordoned zone is no place for CoreDNS: the removal of its pool validates with one zone', async (t) => {
  const w = await small(t, 'cordoned-zone');
  assertDone(await addPool(w, zoneC, { nodes: 1 }));
  assertDone(await replicate(w, zoneC));
  const replica = (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.name ?? assert.fail();
  await kubectl(w, 'PATCH', `/api/v1/nodes/${replica}`, { spec: { unschedulable: true } });
  assertDone(await removePool(w, zoneC));
  const dns = (await checksOf(w, await statusOf(w))).find((c) => c.id === 'dns-spread');
  assert.match(dns?.evidence ?? '', / in 1 zone$/);
});
