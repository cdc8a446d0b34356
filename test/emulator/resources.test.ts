import assert from 'node:assert/strict';
import test from 'node:test';
import type { Address, StoredOperation } from '../../src/emulator/compute/resources.ts';
import { emulated } from '../support/emulatedCloud.ts';
import { region, zone } from '../support/emulatedWorld.ts';

const net = { name: 'net', autoCreateSubnetworks: false };
const firewall = { name: 'fw', network: 'global/networks/net', allowed: [{ IPProtocol: 'tcp', ports: ['443'] }] };

test('an operation is PENDING, then RUNNING, then DONE, on cluster time', async (t) => {
  const cloud = emulated(t);
  const first = await cloud.start('POST', 'global/networks', net);
  assert.match(first.name, /^operation-\d+-[0-9a-f]{13}-[0-9a-f]{8}-[0-9a-f]{8}$/);
  assert.equal(first.status, 'PENDING');
  await cloud.clock.sleep(1_000);
  const path = `global/operations/${first.name}`;
  assert.equal((await cloud.get<StoredOperation>(path)).status, 'RUNNING');
  const before = cloud.clock.now();
  const done = await cloud.end(first);
  assert.equal(done.progress, 100);
  assert.equal(cloud.clock.now() - before, 9_000);
  assert.equal((await cloud.get<StoredOperation>(`global/operations/${first.id}`)).name, first.name);
});

test('wait gives up after two minutes of cluster time', async (t) => {
  const cloud = emulated(t);
  cloud.emulator.faults.set([{ match: { kind: 'networks' }, fault: 'operationHangs' }]);
  const { name } = await cloud.start('POST', 'global/networks', net);
  const before = cloud.clock.now();
  const answer = await cloud.ask('POST', `global/operations/${name}/wait`);
  assert.equal(answer.body.status, 'RUNNING');
  assert.equal(cloud.clock.now() - before, 120_000);
});

test('who needs a resource that is still being made gets resourceNotReady', async (t) => {
  const cloud = emulated(t);
  await cloud.start('POST', 'global/networks', net);
  const { status, body } = await cloud.ask('POST', 'global/firewalls', firewall);
  assert.equal(status, 400);
  assert.equal(body.error?.errors?.[0]?.reason, 'resourceNotReady');
  assert.equal(body.error.message, "The resource 'projects/demo/global/networks/net' is not ready");
  assert.equal((await cloud.ask('DELETE', 'global/networks/net')).status, 400);
});

test('a network in use refuses in its operation, a subnetwork at once', async (t) => {
  const cloud = emulated(t);
  await cloud.do('POST', 'global/networks', net);
  await cloud.do('POST', 'global/firewalls', firewall);
  const failed = await cloud.end(await cloud.start('DELETE', 'global/networks/net'));
  assert.equal(failed.error?.errors[0]?.code, 'RESOURCE_IN_USE_BY_ANOTHER_RESOURCE');
  assert.equal(
    failed.error.errors[0].message,
    "The network resource 'projects/demo/global/networks/net' is already being used by 'projects/demo/global/firewalls/fw'",
  );
  assert.equal(failed.httpErrorStatusCode, 400);
  assert.equal(failed.httpErrorMessage, 'BAD REQUEST');
  const sub = { name: 'sub', network: 'global/networks/net', ipCidrRange: '10.0.0.0/20' };
  await cloud.do('POST', `${region}/subnetworks`, sub);
  const address = { name: 'a', addressType: 'INTERNAL', subnetwork: `${region}/subnetworks/sub` };
  await cloud.do('POST', `${region}/addresses`, address);
  const refused = await cloud.ask('DELETE', `${region}/subnetworks/sub`);
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error?.errors?.[0]?.reason, 'resourceInUseByAnotherResource');
  for (const path of [
    `${region}/addresses/a`,
    `${region}/subnetworks/sub`,
    'global/firewalls/fw',
    'global/networks/net',
  ]) {
    await cloud.do('DELETE', path);
    assert.equal((await cloud.ask('GET', path)).status, 404);
  }
});

test('ranges may not overlap, and host bits are refused', async (t) => {
  const cloud = emulated(t);
  await cloud.do('POST', 'global/networks', net);
  const sub = (name: string, ipCidrRange: string, pods: string) => ({
    ...{ name, ipCidrRange, network: 'global/networks/net' },
    secondaryIpRanges: [{ rangeName: 'pods', ipCidrRange: pods }],
  });
  await cloud.do('POST', `${region}/subnetworks`, sub('a', '10.0.0.0/20', '10.64.0.0/14'));
  for (const [range, pods] of [
    ['10.0.8.0/24', '10.70.0.0/16'],
    ['10.1.0.0/20', '10.65.0.0/16'],
    ['10.1.0.0/20', '10.1.8.0/24'],
    ['10.1.0.1/20', '10.70.0.0/16'],
  ] as const) {
    const { status, body } = await cloud.ask('POST', `${region}/subnetworks`, sub('b', range, pods));
    assert.equal(status, 400, `${range} ${pods}`);
    assert.match(body.error?.message as unknown as string, /conflicts|CIDR/);
  }
  await cloud.do('POST', `${region}/subnetworks`, sub('b', '10.1.0.0/20', '10.72.0.0/14'));
  const routes = await cloud.get<{ items: { network: string; destRange: string }[] }>('global/routes');
  assert.equal(routes.items.filter((r) => r.network.endsWith('/net')).length, 5);
});

test('a taken name is 409, a missing resource 404, an unknown zone 400', async (t) => {
  const cloud = emulated(t);
  await cloud.do('POST', 'global/networks', net);
  const twice = await cloud.ask('POST', 'global/networks', net);
  assert.equal(twice.status, 409);
  assert.deepEqual(twice.body, {
    error: {
      code: 409,
      message: "The resource 'projects/demo/global/networks/net' already exists",
      errors: [
        {
          message: "The resource 'projects/demo/global/networks/net' already exists",
          domain: 'global',
          reason: 'alreadyExists',
        },
      ],
    },
  });
  assert.equal((await cloud.ask('DELETE', 'global/firewalls/none')).status, 404);
  assert.equal((await cloud.ask('GET', 'zones/mars-north1-a')).status, 404);
  assert.equal((await cloud.ask('GET', 'zones/mars-north1-a/disks')).status, 400);
  assert.equal((await cloud.ask('GET', '/compute/v1/projects/other/zones')).status, 404);
  assert.equal((await cloud.ask('GET', 'zones/europe-west1-b/disks/Bad_Name')).status, 400);
  assert.equal((await cloud.ask('PUT', 'global/networks')).status, 405);
});

test('the same request id is done once; the zero UUID and anything else but a UUID are refused', async (t) => {
  const cloud = emulated(t);
  const id = '1b4e28ba-2fa1-11d2-883f-0016d3cca427';
  const first = await cloud.start('POST', `global/networks?requestId=${id}`, net);
  const again = await cloud.start('POST', `global/networks?requestId=${id}`, net);
  assert.equal(again.name, first.name);
  await cloud.end(first);
  assert.equal((await cloud.start('POST', `global/networks?requestId=${id}`, net)).status, 'DONE');
  for (const bad of ['00000000-0000-0000-0000-000000000000', 'me']) {
    assert.equal((await cloud.ask('POST', `global/networks?requestId=${bad}`, { ...net, name: 'n2' })).status, 400);
  }
});

test('labels given at the insert of an address are dropped; setLabels compares and sets', async (t) => {
  const cloud = emulated(t);
  const path = `${region}/addresses/a`;
  await cloud.do('POST', `${region}/addresses`, { name: 'a', labels: { lost: 'yes' } });
  const { labels, labelFingerprint } = await cloud.get<Address>(path);
  assert.equal(labels, undefined);
  const set = (value: string) => cloud.ask('POST', `${path}/setLabels`, { labels: { v: value }, labelFingerprint });
  const [one, two] = await Promise.all([set('1'), set('2')]);
  const failed = await cloud.end(two.body as unknown as StoredOperation);
  assert.equal((await cloud.end(one.body as unknown as StoredOperation)).error, undefined);
  assert.equal(failed.error?.errors[0]?.code, 'CONDITION_NOT_MET');
  assert.deepEqual((await cloud.get<Address>(path)).labels, { v: '1' });
  const late = await set('3');
  assert.equal(late.status, 412);
  assert.equal(late.body.error?.errors?.[0]?.reason, 'conditionNotMet');
  assert.equal(late.body.error.errors[0].location, 'If-Match');
});

test('a fingerprint may come back in the URL-safe alphabet', async (t) => {
  const cloud = emulated(t);
  await cloud.do('POST', `${zone}/disks`, { name: 'd' });
  for (let i = 0; i < 8; i++) {
    const { labelFingerprint = '' } = await cloud.get<Address>(`${zone}/disks/d`);
    const safe = labelFingerprint.replaceAll('+', '-').replaceAll('/', '_');
    await cloud.do('POST', `${zone}/disks/d/setLabels`, { labels: { n: String(i) }, labelFingerprint: safe });
  }
});

test('quota at once: 403 with metric, limit and region', async (t) => {
  const cloud = emulated(t, { quotas: { region: { STATIC_ADDRESSES: 1 }, project: { FIREWALLS: 4 } } });
  await cloud.do('POST', `${region}/addresses`, { name: 'a' });
  const { status, body } = await cloud.ask('POST', `${region}/addresses`, { name: 'b' });
  assert.equal(status, 403);
  assert.equal(body.error?.errors?.[0]?.reason, 'quotaExceeded');
  assert.equal(body.error.message, "Quota 'STATIC_ADDRESSES' exceeded.  Limit: 1.0 in region europe-west1.");
  assert.equal(
    (await cloud.ask('POST', 'global/firewalls', { ...firewall, network: 'global/networks/default' })).status,
    403,
  );
});

test('lists page and filter; aggregated lists name every scope', async (t) => {
  const cloud = emulated(t);
  for (const name of ['a', 'b', 'c']) await cloud.do('POST', `${zone}/disks`, { name, labels: { n: name } });
  interface Page {
    items?: { name: string }[];
    nextPageToken?: string;
  }
  const first = await cloud.get<Page>(`${zone}/disks?maxResults=2`);
  assert.deepEqual(
    first.items?.map((d) => d.name),
    ['a', 'b'],
  );
  const second = await cloud.get<Page>(`${zone}/disks?maxResults=2&pageToken=${first.nextPageToken ?? ''}`);
  assert.deepEqual(
    second.items?.map((d) => d.name),
    ['c'],
  );
  assert.equal(second.nextPageToken, undefined);
  for (const [filter, names] of [
    ['name=b', ['b']],
    ['name eq "[ab]"', ['a', 'b']],
    ['labels.n=c', ['c']],
    ['(name != a) (labels.n:*)', ['b', 'c']],
    ['name=a AND labels.n=b', undefined],
  ] as const) {
    const page = await cloud.get<Page>(`${zone}/disks?filter=${encodeURIComponent(filter)}`);
    assert.deepEqual(
      page.items?.map((d) => d.name),
      names,
      filter,
    );
  }
  assert.equal((await cloud.ask('GET', `${zone}/disks?filter=what`)).status, 400);
  const all = await cloud.get<{ items: Record<string, { disks?: object[]; warning?: { code: string } }> }>(
    'aggregated/disks',
  );
  assert.equal(all.items['zones/europe-west1-b']?.disks?.length, 3);
  assert.equal(all.items['zones/europe-west1-c']?.warning?.code, 'NO_RESULTS_ON_PAGE');
});

test('links are taken in every form that Google takes', async (t) => {
  const cloud = emulated(t);
  for (const [i, form] of [
    'https://www.googleapis.com/compute/v1/projects/demo/global/networks/default',
    'https://compute.googleapis.com/compute/v1/projects/demo/global/networks/default',
    'http://127.0.0.1:99/compute/v1/projects/demo/global/networks/default',
    'projects/demo/global/networks/default',
    'global/networks/default',
  ].entries()) {
    await cloud.do('POST', 'global/firewalls', { ...firewall, name: `f${i}`, network: form });
  }
  const bad = await cloud.ask('POST', 'global/firewalls', { ...firewall, network: 'default' });
  assert.match(bad.body.error?.message as unknown as string, /'resource.network': 'default'\. The URL is malformed/);
  const none = await cloud.ask('POST', 'global/firewalls', { ...firewall, network: 'global/networks/none' });
  assert.match(none.body.error?.message as unknown as string, /The referenced network resource cannot be found/);
});

test('a failed insert leaves nothing behind', async (t) => {
  const cloud = emulated(t);
  cloud.emulator.faults.set([
    {
      match: { kind: 'disks', verb: 'insert' },
      fault: { type: 'operationError', code: 'INTERNAL_ERROR', message: 'Internal error', httpStatus: 500 },
    },
  ]);
  const world = (): object => ({ ...(cloud.emulator.exportState() as object), operations: undefined });
  const before = world();
  const done = await cloud.end(await cloud.start('POST', `${zone}/disks`, { name: 'd' }));
  assert.equal(done.error?.errors[0]?.code, 'INTERNAL_ERROR');
  assert.equal(done.httpErrorStatusCode, 500);
  assert.deepEqual(world(), before);
  await cloud.do('POST', `${zone}/disks`, { name: 'd' });
});
