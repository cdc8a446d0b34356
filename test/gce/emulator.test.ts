import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { CloudWriter } from '../../src/gce/cloud.ts';
import { connectCloud } from '../../src/gce/connect.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { seededIds, systemIds, uuid4 } from '../../src/lib/ids.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { EmulatedCloud } from '../support/emulatedCloud.ts';
import { ungated } from '../support/ungated.ts';

const zone = 'europe-west1-b';
const region = 'europe-west1';
const call = () => ({ requestId: uuid4(systemIds) });

const emulated = async (t: TestContext): Promise<{ emulator: EmulatedCloud; cloud: CloudWriter }> => {
  const emulator = new EmulatedCloud();
  t.after(() => emulator.close());
  const cloud = await connectCloud({
    ...{ project: 'demo', endpoint: 'http://127.0.0.1:1', token: emulator.emulator.secret },
    ...{ clock: emulator.clock, wall: emulator.clock, ids: seededIds('client') },
    fetch: (url, init) => emulator.emulator.fetch(url, init),
  });
  return { emulator, cloud: ungated(cloud) };
};

test('makes, labels, reads and removes an address with compare-and-set', async (t) => {
  const { cloud } = await emulated(t);
  const ref = { kind: 'addresses', name: 'kubernetes-master-ip', region } as const;
  await cloud.compute.insert(ref, { description: '{"trizone":1}' }, call());
  const fresh = await cloud.compute.get(ref);
  assert.equal(fresh?.description, '{"trizone":1}');
  assert.deepEqual(fresh.labels, {});
  const { labelFingerprint } = fresh;
  await cloud.compute.act(
    await cloud.compute.own(ref),
    'setLabels',
    { labels: { holder: 'me' }, labelFingerprint },
    call(),
  );
  assert.deepEqual((await cloud.compute.get(ref))?.labels, { holder: 'me' });
  await assert.rejects(
    cloud.compute.act(
      await cloud.compute.own(ref),
      'setLabels',
      { labels: { holder: 'you' }, labelFingerprint },
      call(),
    ),
    (e) => OperatorError.is(e, 'conflict'),
  );
  await assert.rejects(cloud.compute.insert(ref, {}, call()), (e) => OperatorError.is(e, 'already-exists'));
  assert.deepEqual(
    (await cloud.compute.list('addresses')).map((a) => a.name),
    ['kubernetes-master-ip'],
  );
  await cloud.compute.remove(await cloud.compute.own(ref), call());
  await cloud.compute.remove(await cloud.compute.own(ref), call());
  assert.equal(await cloud.compute.get(ref), undefined);
});

test('the same request id does the same thing once', async (t) => {
  const { cloud } = await emulated(t);
  const ref = { kind: 'disks', name: 'd', zone } as const;
  const once = call();
  const names: string[] = [];
  const onOperation = (name: string): void => void names.push(name);
  await cloud.compute.insert(ref, { sizeGb: 20 }, { ...once, onOperation });
  await cloud.compute.insert(ref, { sizeGb: 20 }, { ...once, onOperation });
  assert.equal(names.length, 2);
  assert.equal(names[0], names[1]);
});

test('makes a machine in a network of its own, puts it into a group, and takes everything away again', async (t) => {
  const { cloud, emulator } = await emulated(t);
  const { compute } = cloud;
  const network = { kind: 'networks', name: 'n' } as const;
  const subnet = { kind: 'subnetworks', name: 's', region } as const;
  const machine = { kind: 'instances', name: 'm', zone } as const;
  const group = { kind: 'instanceGroups', name: 'g', zone } as const;
  await compute.insert(network, { autoCreateSubnetworks: false }, call());
  const link = (await compute.get(network))?.selfLink ?? '';
  assert.equal(link, 'projects/demo/global/networks/n');
  const secondaryIpRanges = [{ rangeName: 'pods-default', ipCidrRange: '10.64.0.0/14' }];
  await compute.insert(subnet, { network: link, ipCidrRange: '10.40.0.0/22', secondaryIpRanges }, call());
  assert.deepEqual((await compute.get(subnet))?.secondaryRanges, [{ name: 'pods-default', cidr: '10.64.0.0/14' }]);

  const image = await compute.imageOfFamily('ubuntu-os-cloud', 'ubuntu-2404-lts-amd64');
  const subnetwork = (await compute.get(subnet))?.selfLink ?? '';
  await compute.insert(
    machine,
    {
      machineType: `zones/${zone}/machineTypes/e2-standard-2`,
      disks: [{ boot: true, autoDelete: true, initializeParams: { sourceImage: image.selfLink } }],
      networkInterfaces: [
        {
          subnetwork,
          accessConfigs: [{}],
          aliasIpRanges: [{ ipCidrRange: '/24', subnetworkRangeName: 'pods-default' }],
        },
      ],
      metadata: { items: [{ key: 'enable-guest-attributes', value: 'TRUE' }] },
      labels: { a: 'b' },
      deletionProtection: true,
    },
    call(),
  );
  const found = await compute.get(machine);
  assert.equal(found?.machineType, 'e2-standard-2');
  assert.equal(found.network, link);
  assert.deepEqual(found.labels, { a: 'b' });
  assert.match(found.internalIp, /^10\.40\./);
  assert.match(found.aliasRanges[0]?.cidr ?? '', /^10\.6\d\.\d+\.0\/24$/);
  const types = await compute.get({ kind: 'machineTypes', name: 'e2-standard-2', zone });
  assert.deepEqual([types?.guestCpus, types?.memoryMb], [2, 8192]);

  // A list asks for everything but the metadata: a startup script for each machine would be megabytes.
  assert.deepEqual(found.metadata, { 'enable-guest-attributes': 'TRUE' });
  const again = await compute.get(machine);
  assert.deepEqual(await compute.list('instances'), [{ ...again, metadata: {} }]);

  await emulator.clock.sleep(120_000);
  const { text, next } = await compute.serialOutput(machine, 0);
  assert.match(text, /login/);
  assert.deepEqual(await compute.serialOutput(machine, next), { text: '', next });
  assert.equal((await compute.guestAttributes(machine)).size, 0);

  await compute.insert(group, { network: link }, call());
  const instances = [{ instance: found.selfLink }];
  await compute.act(await compute.own(group), 'addInstances', { instances }, call());
  assert.deepEqual(await compute.groupMembers(group), ['m']);
  await assert.rejects(compute.remove(await compute.own(machine), call()), OperatorError);
  await compute.act(await compute.own(machine), 'setDeletionProtection', { deletionProtection: false }, call());
  await compute.act(await compute.own(group), 'removeInstances', { instances }, call());
  await compute.remove(await compute.own(machine), call());
  await assert.rejects(compute.remove(await compute.own(network), call()), (e) => OperatorError.is(e, 'in-use'));
  for (const ref of [group, subnet, network]) await compute.remove(await compute.own(ref), call());
  assert.deepEqual(await compute.list('instances'), []);
  assert.deepEqual(
    (await compute.list('networks')).map((n) => n.name).filter((n) => n === 'n'),
    [],
  );
});

test('reads every kind without stumbling', async (t) => {
  const { cloud } = await emulated(t);
  const kinds = ['zones', 'regions', 'projects', 'firewalls', 'instanceTemplates', 'instanceGroups'] as const;
  for (const kind of kinds) assert.ok(Array.isArray(await cloud.compute.list(kind)), kind);
  const more = ['instanceGroupManagers', 'healthChecks', 'backendServices', 'forwardingRules', 'subnetworks'] as const;
  for (const kind of more) assert.ok(Array.isArray(await cloud.compute.list(kind)), kind);
  const found = await cloud.compute.get({ kind: 'regions', name: region });
  assert.ok(found?.zones.includes(zone));
  assert.ok(found?.quotas.some((q) => q.metric === 'CPUS' && q.limit > 0));
});

test('the services beside Compute Engine: secrets, accounts, policies, permissions, APIs', async (t) => {
  const { cloud } = await emulated(t);
  const { services } = cloud;
  await services.createSecret('k-pki', { a: 'b' });
  assert.deepEqual(await services.secrets(), [{ name: 'k-pki', labels: { a: 'b' } }]);
  assert.equal(await services.secretPayload('k-pki'), undefined);
  await services.createServiceAccount('tz-k-cp', 'Masters of k', 'd');
  const account = await services.serviceAccount('tz-k-cp');
  assert.equal(account?.description, 'd');
  const bindings = [{ role: 'roles/secretmanager.secretAccessor', members: [`serviceAccount:${account.email}`] }];
  const { etag } = await services.secretPolicy('k-pki');
  await services.setSecretPolicy('k-pki', { etag, bindings });
  assert.deepEqual(
    (await services.secretPolicy('k-pki')).bindings.map((b) => b.role),
    [bindings[0]?.role],
  );
  const policy = await services.projectPolicy();
  await services.setProjectPolicy({ ...policy, bindings: [...policy.bindings, ...bindings] });
  await assert.rejects(services.setProjectPolicy(policy), (e) => OperatorError.is(e, 'conflict'));
  assert.deepEqual(await services.permissions(['compute.instances.create']), ['compute.instances.create']);
  assert.deepEqual(await services.enabledServices(['compute.googleapis.com']), ['compute.googleapis.com']);
  await services.removeServiceAccount('tz-k-cp');
  await services.removeSecret('k-pki');
  await services.removeSecret('k-pki');
  assert.equal(await services.serviceAccount('tz-k-cp'), undefined);
});

test('speaks over a real socket, and is refused with a wrong token', async (t) => {
  const { emulator } = await emulated(t);
  const { endpoint } = await emulator.emulator.listen();
  const common = { project: 'demo', endpoint, clock: wallClock, ids: systemIds };
  const right = await connectCloud({ ...common, token: emulator.emulator.secret });
  assert.equal((await right.compute.get({ kind: 'zones', name: zone }))?.status, 'UP');
  const wrong = await connectCloud({ ...common, token: 'wrong' });
  await assert.rejects(wrong.compute.list('zones'), (e) => OperatorError.is(e, 'not-signed-in'));
});
