import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import test, { type TestContext } from 'node:test';
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

/** Opens a connection to an address of the emulated cloud; virtual time stands still meanwhile. */
const connect = (cloud: EmulatedCloud, port: number, ip: string): Promise<Duplex> =>
  cloud.clock.hold(async () => {
    const authorization = `Basic ${Buffer.from(`t:${cloud.emulator.secret}`).toString('base64')}`;
    const headers = { 'proxy-authorization': authorization };
    const asked = request({ port, method: 'CONNECT', path: `${ip}:443`, headers });
    asked.end();
    const [, socket] = (await once(asked, 'connect')) as [unknown, Duplex];
    socket.resume().on('error', () => socket.destroy());
    return socket;
  });

const closed = (cloud: EmulatedCloud, socket: Duplex): Promise<unknown> =>
  cloud.clock.hold(async () => socket.destroyed || once(socket, 'close', { signal: AbortSignal.timeout(5_000) }));

// An answer of the emulator comes after whatever it has sent before.
const isOpen = (cloud: EmulatedCloud, port: number, socket: Duplex): Promise<boolean> =>
  cloud.clock.hold(async () => {
    await fetch(`http://127.0.0.1:${port}/`);
    return !socket.readableEnded && !socket.destroyed;
  });

const drained = async (
  t: TestContext,
  policy: object,
): Promise<{ cloud: EmulatedCloud; port: number; socket: Duplex }> => {
  const cloud = emulated(t);
  const { port } = await cloud.emulator.listen();
  await makeMachines(cloud, ['m1', 'm2']);
  const ip = await makeBalancer(cloud, ['m1', 'm2']);
  await cloud.do('PATCH', `${region}/backendServices/bs`, policy);
  assert.ok(cloud.guests);
  cloud.guests.accepts = true;
  cloud.guests.healthy.add('m1');
  await cloud.clock.sleep(5_000);
  const socket = await connect(cloud, port, ip);
  assert.equal(cloud.guests.story.at(-1), `connect ${key('m1')}`);
  return { cloud, port, socket };
};

test('a machine that leaves its group keeps its connections for the draining time, not longer', async (t) => {
  const { cloud, port, socket } = await drained(t, { connectionDraining: { drainingTimeoutSec: 30 } });
  await cloud.do('POST', `${zone}/instanceGroups/masters/removeInstances`, {
    instances: [{ instance: `${zone}/instances/m1` }],
  });
  await cloud.clock.sleep(28_000);
  assert.ok(await isOpen(cloud, port, socket));
  await cloud.clock.sleep(3_000);
  await closed(cloud, socket);
});

test('connections stay with a machine that turns unhealthy, unless the policy says NEVER_PERSIST', async (t) => {
  for (const policy of ['DEFAULT_FOR_PROTOCOL', 'NEVER_PERSIST']) {
    const tracking = { connectionTrackingPolicy: { connectionPersistenceOnUnhealthyBackends: policy } };
    const { cloud, port, socket } = await drained(t, tracking);
    cloud.guests?.healthy.clear();
    cloud.guests?.healthy.add('m2');
    await cloud.clock.sleep(11_000);
    if (policy === 'NEVER_PERSIST') await closed(cloud, socket);
    else assert.ok(await isOpen(cloud, port, socket));
    socket.destroy();
  }
});
