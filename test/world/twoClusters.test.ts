import assert from 'node:assert/strict';
import test from 'node:test';
import { readKubeUp } from '../../src/model/kubeUp.ts';
import { readStatus } from '../../src/steps/status.ts';
import { articleWish, cloudWorld } from '../support/cloudWorld.ts';
import { assertDone } from './verbs.ts';

test('two clusters of one project have the same ranges, each in its network, and both serve', async (t) => {
  const w = await cloudWorld(t, 'two-clusters');
  assertDone(await w.up(undefined, { ...articleWish, nodes: 1 }));
  assertDone(await w.up(undefined, { ...articleWish, name: 'second', nodes: 1 }));
  for (const c of await readStatus((await w.program()).session.world)) {
    assert.equal(c.unreachable, undefined, c.name);
    assert.deepEqual([c.masters[0]?.backend, c.masters[0]?.node], ['healthy', 'Ready'], c.name);
    assert.deepEqual(
      c.pools.flatMap((p) => p.nodes.map((n) => n.node)),
      ['Ready'],
    );
  }
});

test("kube-up's own range variables count; those that have no meaning here are named", () => {
  const env = {
    CLUSTER_IP_RANGE: '10.100.0.0/14',
    SERVICE_CLUSTER_IP_RANGE: '10.1.0.0/16',
    NODE_IP_RANGE: '10.40.0.0/22',
    MASTER_IP_RANGE: '10.246.0.0/24',
  };
  const { wish, notes } = readKubeUp(env);
  assert.deepEqual([wish.podCidr, wish.serviceCidr, wish.subnetCidr], ['10.100.0.0/14', '10.1.0.0/16', '10.40.0.0/22']);
  assert.deepEqual(
    notes.map((n) => n.name),
    ['MASTER_IP_RANGE'],
  );
});
