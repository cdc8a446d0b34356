import assert from 'node:assert/strict';
import test from 'node:test';
import { simulatedGuests } from '../../src/emulator/guest/simulated.ts';
import type { GuestHost } from '../../src/emulator/guestRuntime.ts';
import { readKubeUp } from '../../src/model/kubeUp.ts';
import { readStatus } from '../../src/steps/status.ts';
import { articleWish, cloudWorld } from '../support/cloudWorld.ts';
import { byHand } from './cloudErrors.ts';
import { assertDone } from './verbs.ts';

test('two clusters of one project have the same ranges, each in its network, and both serve', async (t) => {
  let host: GuestHost | undefined;
  const w = await cloudWorld(t, 'two-clusters', { guests: (h) => simulatedGuests((host = h)) });
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
  const machines = (name: string) => host?.machines().filter((m) => m.name.startsWith(`${name}-`)) ?? [];
  const [first, second] = [machines('kubernetes'), machines('second')];
  assert.deepEqual([first.length, second.length], [2, 2]);
  const addresses = first.map((m) => m.internalIp);
  assert.deepEqual(
    second.map((m) => m.internalIp),
    addresses,
  );
  for (const own of [first, second])
    for (const { key } of own)
      assert.deepEqual(
        addresses.map((ip) => host?.dial(key, ip, 10250)),
        own.map((m) => m.key),
        `from ${key}`,
      );
  // What one has reserved is free in the other's subnetwork.
  const more = { addressType: 'INTERNAL', address: '10.128.0.99' };
  for (const name of ['kubernetes', 'second']) {
    const subnetwork = `regions/europe-west1/subnetworks/${name}-subnet`;
    await byHand(w, 'POST', 'regions/europe-west1/addresses', { ...more, name: `${name}-more`, subnetwork });
  }
});

test("kube-up's own range variables count; those that have no meaning here are named", () => {
  const env = {
    CLUSTER_IP_RANGE: '10.100.0.0/14',
    SERVICE_CLUSTER_IP_RANGE: '10.1.0.0/16',
    NODE_IP_RANGE: '10.40.0.0/22',
    MASTER_IP_RANGE: '10.246.0.0/24',
  };
  const { request: wish, notes } = readKubeUp(env);
  assert.deepEqual([wish.podCidr, wish.serviceCidr, wish.subnetCidr], ['10.100.0.0/14', '10.1.0.0/16', '10.40.0.0/22']);
  assert.deepEqual(
    notes.map((n) => n.name),
    ['MASTER_IP_RANGE'],
  );
});
