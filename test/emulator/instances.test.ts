import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultLatency } from '../../src/emulator/latency.ts';
import type { Instance, StoredOperation } from '../../src/emulator/compute/resources.ts';
import { emulated } from '../support/emulatedCloud.ts';
import { machine, makeMachines, region, zone } from '../support/emulatedWorld.ts';

const m1 = `${zone}/instances/m1`;

test('a machine is PROVISIONING, STAGING, RUNNING, and its guest boots at the end', async (t) => {
  const cloud = emulated(t, { latency: defaultLatency });
  const operation = await cloud.start('POST', `${zone}/instances`, machine('m1'));
  const status = async (): Promise<string> => (await cloud.get<Instance>(m1)).status;
  assert.equal(await status(), 'PROVISIONING');
  await cloud.clock.sleep(4_000);
  assert.equal(await status(), 'STAGING');
  assert.deepEqual(cloud.guests?.story, []);
  await cloud.end(operation);
  assert.equal(await status(), 'RUNNING');
  assert.deepEqual(cloud.guests.story, ['boot europe-west1-b/m1']);
  const took = Date.parse((await cloud.end(operation)).endTime ?? '') - Date.parse(operation.insertTime);
  assert.ok(took >= 8_000 && took <= 25_000, String(took));
});

test('stop, start, reset and delete: status, guest, and what becomes of disks and addresses', async (t) => {
  const cloud = emulated(t);
  await cloud.do('POST', `${zone}/disks`, { name: 'data' });
  const disks = [...(machine('x').disks as object[]), { source: `${zone}/disks/data`, deviceName: 'master-pd' }];
  const accessConfigs = [{ type: 'ONE_TO_ONE_NAT' }];
  const networkInterfaces = [{ network: 'global/networks/default', accessConfigs }];
  const [made] = await makeMachines(cloud, ['m1'], { disks, networkInterfaces });
  const inUse = await cloud.ask('DELETE', `${zone}/disks/data`);
  assert.match(
    inUse.body.error?.message as unknown as string,
    /disk resource .* already being used by 'projects\/demo\/zones/,
  );
  const stopping = await cloud.start('POST', `${m1}/stop`);
  assert.equal((await cloud.get<Instance>(m1)).status, 'STOPPING');
  await cloud.end(stopping);
  const stopped = await cloud.get<Instance>(m1);
  assert.equal(stopped.status, 'TERMINATED');
  assert.equal(stopped.networkInterfaces[0]?.accessConfigs?.[0]?.natIP, undefined);
  assert.equal(stopped.networkInterfaces[0]?.networkIP, made?.networkInterfaces[0]?.networkIP);
  await cloud.do('POST', `${m1}/start`);
  assert.ok((await cloud.get<Instance>(m1)).networkInterfaces[0]?.accessConfigs?.[0]?.natIP);
  await cloud.do('POST', `${m1}/reset`);
  await cloud.do('DELETE', m1);
  const key = 'europe-west1-b/m1';
  assert.deepEqual(cloud.guests?.story, [
    ...[`boot ${key}`, `halt ${key} stop`, `boot ${key}`, `halt ${key} reset`, `boot ${key}`, `halt ${key} delete`],
  ]);
  assert.equal((await cloud.ask('GET', `${zone}/disks/m1`)).status, 404);
  assert.equal((await cloud.ask('GET', `${zone}/disks/data`)).status, 200);
});

test('a stock-out: the machine appears, then vanishes with its boot disk; only the operation tells why', async (t) => {
  const cloud = emulated(t);
  cloud.emulator.faults.set([
    {
      match: { kind: 'instances', verb: 'insert', name: 'm1' },
      fault: { type: 'stockOut', zonesAvailable: ['europe-west1-c'] },
    },
  ]);
  const operation = await cloud.start('POST', `${zone}/instances`, machine('m1'));
  assert.equal((await cloud.ask('GET', m1)).status, 200);
  const done = await cloud.end(operation);
  const problem = done.error?.errors[0];
  assert.equal(problem?.code, 'ZONE_RESOURCE_POOL_EXHAUSTED');
  assert.match(problem.message, /^The zone 'projects\/demo\/zones\/europe-west1-b' does not have enough resources/);
  const info = problem.errorDetails?.find((d) => 'errorInfo' in (d as object)) as {
    errorInfo: { metadatas: { zonesAvailable: string } };
  };
  assert.equal(info.errorInfo.metadatas.zonesAvailable, 'europe-west1-c');
  assert.equal((await cloud.ask('GET', m1)).status, 404);
  assert.equal((await cloud.ask('GET', `${zone}/disks/m1`)).status, 404);
  await cloud.do('POST', `${zone}/instances`, machine('m1'));
});

test('the CPU quota fails in the operation, with its details', async (t) => {
  const cloud = emulated(t, { quotas: { region: { CPUS: 3 } } });
  await makeMachines(cloud, ['m1']);
  const done = await cloud.end(await cloud.start('POST', `${zone}/instances`, machine('m2')));
  assert.equal(done.error?.errors[0]?.code, 'QUOTA_EXCEEDED');
  assert.equal(done.httpErrorStatusCode, 403);
  assert.deepEqual(done.error.errors[0].errorDetails, [
    {
      quotaInfo: {
        metricName: 'compute.googleapis.com/cpus',
        limitName: 'CPUS-per-project-region',
        dimensions: { region: 'europe-west1' },
        limit: 3,
      },
    },
  ]);
  assert.equal((await cloud.ask('GET', `${zone}/instances/m2`)).status, 404);
});

test('a protected machine is not deleted until its protection is taken off', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['m1'], { deletionProtection: true });
  const refused = await cloud.ask('DELETE', m1);
  assert.equal(refused.status, 400);
  assert.match(refused.body.error?.message as unknown as string, /protected against deletion/);
  await cloud.do('POST', `${m1}/setDeletionProtection?deletionProtection=false`);
  await cloud.do('DELETE', m1);
});

test('addresses: a reserved one is IN_USE by its machine, alias ranges come from the secondary range', async (t) => {
  const cloud = emulated(t);
  await cloud.do('POST', 'global/networks', { name: 'net', autoCreateSubnetworks: false });
  await cloud.do('POST', `${region}/subnetworks`, {
    ...{ name: 'sub', network: 'global/networks/net', ipCidrRange: '10.0.0.0/20' },
    secondaryIpRanges: [{ rangeName: 'pods', ipCidrRange: '10.64.0.0/22' }],
  });
  const subnetwork = `${region}/subnetworks/sub`;
  await cloud.do('POST', `${region}/addresses`, { name: 'int', addressType: 'INTERNAL', subnetwork });
  const alias = (ipCidrRange: string) => [{ ipCidrRange, subnetworkRangeName: 'pods' }];
  const nic = (more: object) => ({ networkInterfaces: [{ subnetwork, ...more }] });
  const [a] = await makeMachines(cloud, ['a'], nic({ networkIP: '10.0.0.2', aliasIpRanges: alias('/24') }));
  const [b] = await makeMachines(cloud, ['b'], nic({ aliasIpRanges: alias('/24') }));
  const [c] = await makeMachines(cloud, ['c'], nic({ aliasIpRanges: alias('10.64.3.0/24') }));
  assert.deepEqual(
    [a, b, c].map((m) => m?.networkInterfaces[0]?.aliasIpRanges?.[0]?.ipCidrRange),
    ['10.64.0.0/24', '10.64.1.0/24', '10.64.3.0/24'],
  );
  const address = await cloud.get<{ status: string; users: string[] }>(`${region}/addresses/int`);
  assert.equal(address.status, 'IN_USE');
  assert.ok(address.users[0]?.endsWith('/instances/a'));
  assert.equal((await cloud.ask('DELETE', `${region}/addresses/int`)).status, 400);
  for (const [more, text] of [
    [{ networkIP: '10.0.0.2' }, /already being used/],
    [{ networkIP: '10.9.0.2' }, /not in the range/],
    [{ aliasIpRanges: alias('10.64.3.0/24') }, /already in use/],
    [{ aliasIpRanges: alias('10.99.0.0/24') }, /not within/],
    [{ aliasIpRanges: [{ ipCidrRange: '/24', subnetworkRangeName: 'x' }] }, /secondary range does not exist/],
  ] as const) {
    const { status, body } = await cloud.ask('POST', `${zone}/instances`, machine('d', nic(more)));
    assert.equal(status, 400);
    assert.match(body.error?.message as unknown as string, text);
  }
  await cloud.do('DELETE', `${zone}/instances/b`);
  const [again] = await makeMachines(cloud, ['b'], nic({ aliasIpRanges: alias('10.64.1.0/24') }));
  assert.equal(again?.networkInterfaces[0]?.aliasIpRanges?.[0]?.ipCidrRange, '10.64.1.0/24');
});

test('a service account must exist and be known everywhere before a machine can have it', async (t) => {
  const cloud = emulated(t, { latency: { default: [10, 10], 'serviceAccounts.propagation': [60, 60] } });
  const scopes = ['https://www.googleapis.com/auth/cloud-platform'];
  const attempt = async (): Promise<StoredOperation> => {
    const serviceAccounts = [{ email: 'tz-p-cp@demo.iam.gserviceaccount.com', scopes }];
    return cloud.end(await cloud.start('POST', `${zone}/instances`, machine('m1', { serviceAccounts })));
  };
  assert.match((await attempt()).error?.errors[0]?.message ?? '', /serviceAccount' was not found/);
  await cloud.ask('POST', '/v1/projects/demo/serviceAccounts', { accountId: 'tz-p-cp' });
  assert.match((await attempt()).error?.errors[0]?.message ?? '', /serviceAccount' was not found/);
  await cloud.clock.sleep(60_000);
  assert.equal((await attempt()).error, undefined);
});

test('metadata and tags are compared and set; two changes from one reading: the second fails', async (t) => {
  const cloud = emulated(t);
  const [made] = await makeMachines(cloud, ['m1'], { metadata: { items: [{ key: 'a', value: '1' }] } });
  const { fingerprint } = made?.metadata ?? {};
  const change = (value: string) =>
    cloud.start('POST', `${m1}/setMetadata`, { fingerprint, items: [{ key: 'a', value }] });
  const [one, two] = [await change('2'), await change('3')];
  assert.equal((await cloud.end(one)).error, undefined);
  assert.equal((await cloud.end(two)).error?.errors[0]?.code, 'CONDITION_NOT_MET');
  assert.equal((await cloud.get<Instance>(m1)).metadata.items?.[0]?.value, '2');
  const stale = await cloud.ask('POST', `${m1}/setTags`, { items: ['x'], fingerprint: 'AAAAAAAAAAA=' });
  assert.equal(stale.status, 412);
});

test('serial output goes on from a byte; guest attributes must be switched on and are gone with the machine', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['m1'], { metadata: { items: [{ key: 'enable-guest-attributes', value: 'TRUE' }] } });
  await makeMachines(cloud, ['m2']);
  const key = 'europe-west1-b/m1';
  const { guests } = cloud;
  assert.ok(guests);
  guests.host.serial(key, 'ä done\n');
  const first = await cloud.get<{ contents: string; next: string }>(`${m1}/serialPort?port=1`);
  assert.equal(first.contents, 'm1 login: \nä done\n');
  guests.host.serial(key, 'more\n');
  const second = await cloud.get<{ contents: string }>(`${m1}/serialPort?start=${first.next}`);
  assert.equal(second.contents, 'more\n');
  assert.equal((await cloud.ask('GET', `${m1}/getGuestAttributes?queryPath=trizone/`)).status, 404);
  guests.host.setGuestAttribute(key, 'trizone', 'step', 'join');
  const attributes = await cloud.get<{ queryValue: { items: object[] } }>(
    `${m1}/getGuestAttributes?queryPath=trizone/`,
  );
  assert.deepEqual(attributes.queryValue.items, [{ namespace: 'trizone', key: 'step', value: 'join' }]);
  assert.equal((await cloud.ask('GET', `${zone}/instances/m2/getGuestAttributes`)).status, 412);
  assert.throws(() => guests.host.setGuestAttribute('europe-west1-b/m2', 'trizone', 'step', 'x'), /not enabled/);
  await cloud.do('DELETE', m1);
  await makeMachines(cloud, ['m1'], { metadata: { items: [{ key: 'enable-guest-attributes', value: 'TRUE' }] } });
  assert.equal((await cloud.ask('GET', `${m1}/getGuestAttributes?queryPath=trizone/`)).status, 404);
});

test('what a machine cannot be made from is refused with the field that is wrong', async (t) => {
  const cloud = emulated(t);
  for (const [more, text] of [
    [
      { machineType: `${zone}/machineTypes/e9-huge` },
      /Machine type with name 'e9-huge' does not exist in zone 'europe-west1-b'/,
    ],
    [{ machineType: 'zones/europe-west1-c/machineTypes/e2-medium' }, /malformed/],
    [{ disks: [] }, /At least one disk/],
    [{ disks: [{ source: `${zone}/disks/none`, boot: true }] }, /disks\/none' was not found/],
    [
      {
        disks: [
          { boot: true, initializeParams: { sourceImage: 'projects/debian-cloud/global/images/family/debian-9' } },
        ],
      },
      /referenced image/,
    ],
    [{ networkInterfaces: [] }, /At least one network interface/],
    [{ metadata: { items: [{ key: 'a' }, { key: 'a' }] } }, /Duplicate/],
  ] as const) {
    const { status, body } = await cloud.ask('POST', `${zone}/instances`, machine('m1', more));
    assert.ok(status >= 400);
    assert.match(body.error?.message as unknown as string, text);
  }
  assert.equal((await cloud.ask('GET', `${zone}/disks/m1`)).status, 404);
});
