import assert from 'node:assert/strict';
import test from 'node:test';
import type { Master } from '../../src/steps/master.ts';
import type { CloudWorld } from '../support/cloudWorld.ts';
import { registeredFirst } from '../support/registeredFirst.ts';
import { byHand } from './cloudErrors.ts';
import { assertUnharmed, small, told } from './stories.ts';
import { assertDone, assertWhole, cluster, removeMaster, replicate, statusOf, zoneC } from './verbs.ts';

const replica: Master = { name: 'kubernetes-master-x7k', zone: zoneC };

const endpointOf = async (w: CloudWorld): Promise<unknown> =>
  (
    await w.request(
      'GET',
      '/compute/v1/projects/demo-project/regions/europe-west1/addresses/kubernetes-master-internal-ip',
    )
  ).address;

test('a replica registered before it joins reaches only itself at the endpoint (hairpin) and never joins; out of the group it does', async (t) => {
  const w = await small(t, 'wrong-order');
  const failed = await w.carryOut((p) => registeredFirst(p.session.world, cluster, replica));
  const ip = String(await endpointOf(w));
  assert.match(ip, /^10\./);
  assert.deepEqual(told(failed).slice(0, 2), [
    'timeout',
    `Timed out after 1200 s: Wait until NAME serves the API; last status: boot step 11/14: await-endpoint: waiting for the endpoint: ${ip}:443 is not responding`,
  ]);
  await assertUnharmed(w, ['kubernetes-master']);
  const seen = (await statusOf(w)).masters.find((m) => m.name === replica.name);
  assert.equal(seen?.backend, 'unhealthy');
  const group = `zones/${zoneC}/instanceGroups/kubernetes-masters`;
  await byHand(w, 'POST', `${group}/removeInstances`, {
    instances: [{ instance: `zones/${zoneC}/instances/${replica.name}` }],
  });
  await w.clock.sleep(180_000);
  assert.equal((await statusOf(w)).masters.find((m) => m.name === replica.name)?.etcd, 'voter');
  assertDone(await replicate(w, zoneC));
  await assertWhole(w, 2, 1);
  assertDone(await removeMaster(w, replica.name));
});
