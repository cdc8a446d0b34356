import assert from 'node:assert/strict';
import test from 'node:test';
import { ClusterStore, standpoint } from '../../src/emulator/kubernetes/clusterStore.ts';
import { nodeLife } from '../../src/emulator/kubernetes/nodeLife.ts';
import { podSpec, storedOf } from '../../src/emulator/kubernetes/storedObject.ts';
import { dropMember } from '../../src/emulator/kubernetes/etcd.ts';
import { GuestWorld } from '../support/guestWorld.ts';

const uid = 'u1d2';
const master = 'europe-west1-b/kubernetes-master';
const zones = ['b', 'c', 'd'].map((z) => `europe-west1-${z}`);

const storeOf = (world: GuestWorld): ClusterStore => new ClusterStore(world);

const viewOf = (world: GuestWorld) => {
  storeOf(world).refresh(uid);
  const view = storeOf(world).view(uid);
  assert.ok(view);
  return view;
};

const readiness = (world: GuestWorld): Record<string, string> =>
  Object.fromEntries(
    Object.values(viewOf(world).data.nodes).map((n) => [n.name, nodeLife(world, viewOf(world).data, n).ready]),
  );

const dnsNodes = (world: GuestWorld): string[] =>
  storedOf(viewOf(world).data, 'pods').map(([, pod]) => podSpec(pod.object).nodeName ?? '');

const addReplica = async (world: GuestWorld, name: string, zone: string): Promise<string> => {
  const key = world.startRole(name, zone, 'replica');
  await world.settled();
  world.group.add(key);
  return key;
};

test('nodes become Ready only after the cloud controller manager has given them their pod range', async () => {
  const world = new GuestWorld('ready');
  const done = world.cluster(['europe-west1-c']);
  const seen: boolean[] = [];
  while (seen.at(-1) !== true) {
    await world.clock.sleep(1000);
    const view = storeOf(world).view(uid);
    const node = view?.data.nodes['kubernetes-minion-group-0abc'];
    if (view === undefined || node === undefined) continue;
    const life = nodeLife(world, view.data, node);
    assert.ok(life.initialized || life.ready === 'False');
    seen.push(life.ready === 'True');
  }
  assert.ok(seen.includes(false));
  await done;
});

test('CoreDNS moves to a second zone as soon as one is Ready', async () => {
  const world = new GuestWorld('dns');
  await world.cluster();
  assert.deepEqual(dnsNodes(world), ['kubernetes-master', 'kubernetes-master']);
  world.startRole('kubernetes-minion-group-0abc', 'europe-west1-c', 'node');
  await world.settled();
  const { data } = viewOf(world);
  assert.equal(new Set(dnsNodes(world).map((name) => data.nodes[name]?.zone)).size, 2);
});

test('a stopped node is NotReady after 40 s, not before, and comes back', async () => {
  const world = new GuestWorld('stop');
  await world.cluster(['europe-west1-c']);
  const key = 'europe-west1-c/kubernetes-minion-group-0abc';
  world.powerOff(key);
  await world.clock.sleep(39_000);
  assert.equal(readiness(world)['kubernetes-minion-group-0abc'], 'True');
  await world.clock.sleep(1_500);
  assert.equal(readiness(world)['kubernetes-minion-group-0abc'], 'Unknown');
  world.powerOn(key);
  await world.settled();
  assert.equal(readiness(world)['kubernetes-minion-group-0abc'], 'True');
});

test('the Node of a deleted machine goes after the grace time', async () => {
  const world = new GuestWorld('delete');
  await world.cluster(['europe-west1-c']);
  world.remove('europe-west1-c/kubernetes-minion-group-0abc');
  assert.ok('kubernetes-minion-group-0abc' in viewOf(world).data.nodes);
  await world.settled();
  assert.ok(!('kubernetes-minion-group-0abc' in viewOf(world).data.nodes));
});

test('a node re-created under its name gets a new Node with its own pod range', async () => {
  const world = new GuestWorld('again');
  await world.cluster(['europe-west1-c']);
  const before = viewOf(world).data.nodes['kubernetes-minion-group-0abc'];
  world.remove('europe-west1-c/kubernetes-minion-group-0abc');
  world.startRole('kubernetes-minion-group-0abc', 'europe-west1-c', 'node');
  await world.settled();
  const after = viewOf(world).data.nodes['kubernetes-minion-group-0abc'];
  assert.ok(before && after);
  assert.notEqual(after.podCidr, before.podCidr);
  assert.equal(readiness(world)['kubernetes-minion-group-0abc'], 'True');
});

test('the only master stopped takes the API away; started again it has its data', async () => {
  const world = new GuestWorld('only');
  await world.cluster(['europe-west1-c']);
  const before = viewOf(world).data.nodes;
  const readyz = { type: 'HTTPS', port: 443, path: '/readyz' } as const;
  assert.ok(world.runtime.probe(master, readyz));
  world.powerOff(master);
  assert.equal(storeOf(world).view(uid), undefined);
  assert.ok(!world.runtime.probe(master, readyz));
  world.powerOn(master);
  await world.settled();
  assert.ok(world.runtime.probe(master, readyz));
  assert.deepEqual(Object.keys(viewOf(world).data.nodes), Object.keys(before));
  assert.deepEqual(Object.values(readiness(world)), ['True', 'True']);
});

test('replicas join as learners and are promoted; one of three may fail, two may not', async () => {
  const world = new GuestWorld('ha');
  await world.cluster(zones);
  await addReplica(world, 'kubernetes-master-x7k', 'europe-west1-c');
  await addReplica(world, 'kubernetes-master-p2q', 'europe-west1-d');
  const { etcd } = viewOf(world);
  assert.deepEqual(
    etcd.members.map((m) => [m.name, m.learner]),
    [
      ['kubernetes-master', false],
      ['kubernetes-master-x7k', false],
      ['kubernetes-master-p2q', false],
    ],
  );
  assert.match(world.console('europe-west1-c/kubernetes-master-x7k'), /says="the etcd member is a learner"/);

  world.powerOff(master);
  const left = viewOf(world);
  assert.ok(left.quorum);
  assert.notEqual(left.etcd.leader, etcd.leader);
  assert.ok(left.etcd.term > etcd.term);

  world.powerOff('europe-west1-c/kubernetes-master-x7k');
  assert.ok(!viewOf(world).quorum);
  assert.ok(!storeOf(world).write(uid, ({ data }) => ({ data })));

  world.powerOn(master);
  await world.settled();
  assert.ok(viewOf(world).quorum);
});

test('a master that missed writes finds them at its return', async () => {
  const world = new GuestWorld('behind');
  await world.cluster();
  await addReplica(world, 'kubernetes-master-x7k', 'europe-west1-c');
  await addReplica(world, 'kubernetes-master-p2q', 'europe-west1-d');
  world.powerOff(master);
  world.startRole('kubernetes-minion-group-0abc', 'europe-west1-c', 'node');
  await world.settled();
  world.powerOn(master);
  await world.settled();
  const copy = world.load({ disk: 'zones/europe-west1-b/disks/kubernetes-master-pd' }, 'etcd') as {
    data: { nodes: Record<string, unknown> };
  };
  assert.ok('kubernetes-minion-group-0abc' in copy.data.nodes);
});

test('a master that was removed while it was off does not serve any more', async () => {
  const world = new GuestWorld('removed');
  await world.cluster();
  const key = await addReplica(world, 'kubernetes-master-x7k', 'europe-west1-c');
  await addReplica(world, 'kubernetes-master-p2q', 'europe-west1-d');
  world.powerOff(key);
  world.group.delete(key);
  storeOf(world).write(uid, (view) => {
    const gone = view.etcd.members.find((m) => m.name === 'kubernetes-master-x7k');
    return { etcd: dropMember(view.etcd, standpoint(world, view, view.etcd.leader), gone?.id ?? '') };
  });
  world.powerOn(key);
  await world.settled();
  assert.ok(!world.runtime.probe(key, { type: 'HTTPS', port: 443, path: '/readyz' }));
  assert.equal(viewOf(world).etcd.members.length, 2);
});

test('expired credentials are renewed when somebody comes', async () => {
  const world = new GuestWorld('expired');
  await world.cluster();
  const join = JSON.parse(world.latest('kubernetes-join')) as { expires: string; token: string };
  world.secrets.set('kubernetes-join', [JSON.stringify({ ...join, expires: '2026-01-01T00:00:00Z' })]);
  world.runtime.restore(world.machines());
  const renewed = JSON.parse(world.latest('kubernetes-join')) as { token: string };
  assert.notEqual(renewed.token, join.token);
});
