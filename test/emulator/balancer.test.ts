import assert from 'node:assert/strict';
import test from 'node:test';
import { emulated, type EmulatedCloud } from '../support/emulatedCloud.ts';
import { makeBalancer, makeMachines, region, zone } from '../support/emulatedWorld.ts';

const key = (name: string): string => `europe-west1-b/${name}`;

const healthOf = async (cloud: EmulatedCloud): Promise<Record<string, string>> => {
  const answer = await cloud.ask('POST', `${region}/backendServices/bs/getHealth`, {
    group: `${zone}/instanceGroups/masters`,
  });
  const { healthStatus = [] } = answer.body as unknown as {
    healthStatus?: { instance: string; healthState: string }[];
  };
  return Object.fromEntries(healthStatus.map((h) => [h.instance.split('/').at(-1) ?? '', h.healthState]));
};

const dialled = (cloud: EmulatedCloud, from: string, ip: string): Set<string | undefined> =>
  new Set(Array.from({ length: 40 }, () => cloud.guests?.host.dial(key(from), ip, 443)));

const external = { networkInterfaces: [{ network: 'global/networks/default', accessConfigs: [{}] }] };

test('a machine becomes healthy after its threshold and unhealthy after two failures in a row', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['m1', 'm2']);
  await makeBalancer(cloud, ['m1', 'm2']);
  assert.deepEqual(await healthOf(cloud), { m1: 'UNHEALTHY', m2: 'UNHEALTHY' });
  cloud.guests?.healthy.add('m1');
  await cloud.clock.sleep(5_000);
  assert.deepEqual(await healthOf(cloud), { m1: 'HEALTHY', m2: 'UNHEALTHY' });
  cloud.guests?.healthy.clear();
  await cloud.clock.sleep(5_000);
  assert.equal((await healthOf(cloud)).m1, 'HEALTHY');
  await cloud.clock.sleep(5_000);
  assert.equal((await healthOf(cloud)).m1, 'UNHEALTHY');
});

test('new connections go to healthy machines, or to all when none is healthy', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['client', 'm1', 'm2'], external);
  const ip = await makeBalancer(cloud, ['m1', 'm2']);
  await cloud.do('POST', 'global/firewalls', {
    name: 'https',
    network: 'global/networks/default',
    sourceRanges: ['0.0.0.0/0'],
    allowed: [{ IPProtocol: 'tcp', ports: ['443'] }],
  });
  assert.deepEqual(dialled(cloud, 'client', ip), new Set([key('m1'), key('m2')]));
  cloud.guests?.healthy.add('m2');
  await cloud.clock.sleep(5_000);
  assert.deepEqual(dialled(cloud, 'client', ip), new Set([key('m2')]));
  assert.equal(cloud.guests?.host.dial(key('client'), ip, 80), undefined);
});

test('hairpin: a machine behind the rule reaches itself, whatever its health', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['m1', 'm2']);
  const ip = await makeBalancer(cloud, ['m1', 'm2']);
  cloud.guests?.healthy.add('m2');
  await cloud.clock.sleep(5_000);
  assert.deepEqual(dialled(cloud, 'm1', ip), new Set([key('m1')]));
  assert.deepEqual(cloud.guests?.host.instance(key('m1'))?.forwardedIps, [ip]);
  await cloud.do('POST', `${zone}/instanceGroups/masters/removeInstances`, {
    instances: [{ instance: `${zone}/instances/m1` }],
  });
  assert.deepEqual(cloud.guests.host.instance(key('m1'))?.forwardedIps, []);
});

test('an external address is a black hole for a machine that has none itself', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['node', 'm1']);
  const ip = await makeBalancer(cloud, ['m1']);
  assert.deepEqual(dialled(cloud, 'node', ip), new Set([undefined]));
});

test('without a firewall rule for the probers nothing is ever healthy', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['m1']);
  await makeBalancer(cloud, ['m1']);
  cloud.guests?.healthy.add('m1');
  await cloud.do('PATCH', 'global/firewalls/probes', { sourceRanges: ['10.0.0.0/8'] });
  await cloud.clock.sleep(60_000);
  assert.deepEqual(await healthOf(cloud), { m1: 'UNHEALTHY' });
  await cloud.do('PATCH', 'global/firewalls/probes', { sourceRanges: ['35.191.0.0/16'] });
  await cloud.clock.sleep(5_000);
  assert.deepEqual(await healthOf(cloud), { m1: 'HEALTHY' });
});

test('the parts of a balancer hold each other, so they are taken down from the rule on', async (t) => {
  const cloud = emulated(t);
  await makeBalancer(cloud, []);
  const parts = [
    `${region}/forwardingRules/fr`,
    `${region}/addresses/ip`,
    `${region}/backendServices/bs`,
    `${region}/healthChecks/hc`,
    `${zone}/instanceGroups/masters`,
  ];
  for (const path of parts.slice(1)) assert.equal((await cloud.ask('DELETE', path)).status, 400, path);
  for (const path of parts) await cloud.do('DELETE', path);
});
