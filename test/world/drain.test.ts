import assert from 'node:assert/strict';
import test from 'node:test';
import { budget, deployment } from './blocked.ts';
import { kubectl } from './kubeApi.ts';
import { assertUnharmed, resumed, small } from './stories.ts';
import { addPool, assertDone, assertWhole, removePool, statusOf, zoneB, zoneC } from './verbs.ts';

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
    'Give those workloads room elsewhere or change their PodDisruptionBudget, then: trizone resume. The nodes that were not cordoned before take pods again.',
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
