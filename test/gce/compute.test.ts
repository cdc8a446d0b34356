import assert from 'node:assert/strict';
import test from 'node:test';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { operation, refusal, scripted } from './google.ts';

const requestId = '0b8f6f1c-5a5e-4d1f-a2d4-7e5c3b9a1d60';

test('reads a machine into its narrow form: short names, links without host, metadata as a map', async () => {
  const host = 'https://www.googleapis.com/compute/v1/projects/demo';
  const { cloud, asked } = await scripted(() => ({
    body: {
      kind: 'compute#instance',
      id: '12345678901234567890',
      name: 'kubernetes-master',
      zone: `${host}/zones/europe-west1-b`,
      selfLink: `${host}/zones/europe-west1-b/instances/kubernetes-master`,
      machineType: `${host}/zones/europe-west1-b/machineTypes/e2-standard-2`,
      creationTimestamp: '2026-01-01T00:00:00.000-08:00',
      status: 'RUNNING',
      unknownField: { deep: 1 },
      labels: { 'trizone-cluster': 'kubernetes' },
      tags: { items: ['kubernetes-master'], fingerprint: 'YQ==' },
      metadata: { items: [{ key: 'startup-script', value: '#!/bin/bash' }] },
      networkInterfaces: [
        {
          networkIP: '10.40.0.2',
          network: `${host}/global/networks/k`,
          accessConfigs: [{ natIP: '34.1.2.3' }],
          aliasIpRanges: [{ ipCidrRange: '10.64.0.0/24', subnetworkRangeName: 'pods-default' }],
        },
      ],
      disks: [{ source: `${host}/zones/europe-west1-b/disks/d`, deviceName: 'etcd', boot: false, autoDelete: false }],
      serviceAccounts: [{ email: 'tz-kubernetes-cp@demo.iam.gserviceaccount.com' }],
      deletionProtection: true,
    },
  }));
  const found = await cloud.compute.get({ kind: 'instances', name: 'kubernetes-master', zone: 'europe-west1-b' });
  assert.equal(asked[0]?.line, 'GET /compute/v1/projects/demo/zones/europe-west1-b/instances/kubernetes-master');
  assert.equal(asked[0].headers.get('authorization'), 'Bearer secret');
  assert.deepEqual(found, {
    id: '12345678901234567890',
    name: 'kubernetes-master',
    description: '',
    zone: 'europe-west1-b',
    region: undefined,
    selfLink: 'projects/demo/zones/europe-west1-b/instances/kubernetes-master',
    machineType: 'e2-standard-2',
    created: Date.UTC(2026, 0, 1, 8),
    status: 'RUNNING',
    statusMessage: '',
    lastStartTimestamp: '',
    labels: { 'trizone-cluster': 'kubernetes' },
    labelFingerprint: '',
    tags: ['kubernetes-master'],
    metadata: { 'startup-script': '#!/bin/bash' },
    internalIp: '10.40.0.2',
    externalIp: '34.1.2.3',
    network: 'projects/demo/global/networks/k',
    subnetwork: '',
    aliasRanges: [{ cidr: '10.64.0.0/24', rangeName: 'pods-default' }],
    disks: [
      { source: 'projects/demo/zones/europe-west1-b/disks/d', deviceName: 'etcd', boot: false, autoDelete: false },
    ],
    serviceAccount: 'tz-kubernetes-cp@demo.iam.gserviceaccount.com',
    deletionProtection: true,
  });
});

test('answers undefined for what is not there', async () => {
  const { cloud } = await scripted(() => refusal(404, 'notFound', "The resource 'x' was not found"));
  assert.equal(await cloud.compute.get({ kind: 'networks', name: 'x' }), undefined);
  assert.equal((await cloud.compute.guestAttributes({ kind: 'instances', name: 'x', zone: 'z' })).size, 0);
});

test('merges the pages of an aggregated list and leaves out what lives in another scope', async () => {
  const pages: Record<string, unknown>[] = [
    {
      'zones/a': { disks: [{ name: 'd1', zone: 'zones/a', sizeGb: '20' }] },
      'zones/b': { warning: { code: 'NO_RESULTS_ON_PAGE', message: 'none' } },
    },
    {
      'zones/a': { disks: [{ name: 'd2', zone: 'zones/a' }] },
      'regions/r': { disks: [{ name: 'regional', region: 'regions/r' }] },
    },
  ];
  const { cloud, asked } = await scripted((_, n) => ({
    body: { items: pages[n - 1], ...(n === 1 && { nextPageToken: 'more' }) },
  }));
  const disks = await cloud.compute.list('disks');
  assert.deepEqual(
    disks.map((d) => [d.name, d.zone, d.sizeGb]),
    [
      ['d1', 'a', 20],
      ['d2', 'a', 0],
    ],
  );
  assert.deepEqual(
    asked.map((a) => [a.line, a.query.get('pageToken')]),
    [
      ['GET /compute/v1/projects/demo/aggregated/disks', null],
      ['GET /compute/v1/projects/demo/aggregated/disks', 'more'],
    ],
  );
});

test('asks for a partial answer where a resource is big, on every page, and sends no header for it', async () => {
  const { cloud, asked } = await scripted((_, n) => ({
    body: { items: {}, ...(n === 1 && { nextPageToken: 'more' }) },
  }));
  await cloud.compute.list('instances');
  await cloud.compute.list('disks');
  const fields = asked.map((a) => a.query.get('fields'));
  assert.match(fields[0] ?? '', /^nextPageToken,items\/\*\/warning,items\/\*\/instances\(id,name,/);
  assert.doesNotMatch(fields[0] ?? '', /metadata/);
  assert.ok(asked.every((a) => ![...a.headers.keys()].some((name) => name.includes('fields'))));
  assert.deepEqual(fields, [fields[0], fields[0], null]);
});

test('takes a zone that cannot be reached as a failure, not as an empty zone', async () => {
  const { cloud } = await scripted(() => ({
    body: { items: { 'zones/a': { warning: { code: 'UNREACHABLE', message: 'zone a is unreachable' } } } },
  }));
  await assert.rejects(
    cloud.compute.list('instances'),
    (e) => OperatorError.is(e, 'unavailable') && e.message === 'Zone contents unknown: a is unreachable',
  );
});

test('a survey tells what could be reached beside what could not; who insists on a region does not care for others', async () => {
  const { cloud, asked } = await scripted(() => ({
    body: {
      items: {
        'zones/r1-a': { warning: { code: 'UNREACHABLE', message: 'x' } },
        'zones/r2-a': { disks: [{ name: 'd', zone: 'zones/r2-a' }] },
      },
    },
  }));
  const { items, unreachable } = await cloud.compute.survey('disks');
  assert.deepEqual([items.map((d) => d.name), unreachable], [['d'], ['r1-a']]);
  assert.equal((await cloud.compute.list('disks', 'r2')).length, 1);
  await assert.rejects(cloud.compute.list('disks', 'r1'), { code: 'unavailable', retry: 'later' });
  await assert.rejects(cloud.compute.list('disks'), { code: 'unavailable' });
  assert.ok(asked.every((a) => a.query.get('returnPartialSuccess') === 'true'));
});

test('reads all pages of a plain list', async () => {
  const { cloud } = await scripted((asked) =>
    asked.query.get('pageToken') === null
      ? { body: { items: [{ name: 'a' }], nextPageToken: 't' } }
      : { body: { items: [{ name: 'b' }] } },
  );
  assert.deepEqual(
    (await cloud.compute.list('firewalls')).map((f) => f.name),
    ['a', 'b'],
  );
});

test('inserts with name and request id, and waits for the operation by its name, not by its number', async () => {
  const { cloud, asked } = await scripted((a) =>
    operation(a.line.endsWith('/wait') ? 'DONE' : 'RUNNING', { zone: 'zones/z' }),
  );
  const operations: string[] = [];
  await cloud.compute.insert(
    { kind: 'disks', name: 'd', zone: 'z' },
    { sizeGb: 20, labels: { a: 'b' } },
    { requestId, onOperation: (o) => operations.push(o) },
  );
  assert.deepEqual(
    asked.map((a) => a.line),
    [
      'POST /compute/v1/projects/demo/zones/z/disks',
      'POST /compute/v1/projects/demo/zones/z/operations/operation-1-a/wait',
    ],
  );
  assert.equal(asked[0]?.query.get('requestId'), requestId);
  const { name, sizeGb, labels } = asked[0].body;
  assert.deepEqual({ name, sizeGb, labels }, { name: 'd', sizeGb: '20', labels: { a: 'b' } });
  assert.deepEqual(operations, ['zones/z/operations/operation-1-a']);
});

test('counts a removal of what is already gone as done', async () => {
  const { cloud } = await scripted(() => refusal(404, 'notFound', 'gone'));
  const gone = await cloud.compute.own({ kind: 'addresses', name: 'x', region: 'r' });
  await cloud.compute.remove(gone, { requestId });
});

test('sends each action to its own method with its own body', async () => {
  const { cloud, asked } = await scripted(() => operation('DONE'));
  const { compute } = cloud;
  const address = { kind: 'addresses', name: 'x', region: 'r' } as const;
  const body = { labels: { a: '1' }, labelFingerprint: 'YQ==' };
  await compute.act(await compute.own(address), 'setLabels', body, { requestId });
  const machine = { kind: 'instances', name: 'm', zone: 'z' } as const;
  const open = { deletionProtection: false };
  await compute.act(await compute.own(machine), 'setDeletionProtection', open, { requestId });
  const group = { kind: 'instanceGroups', name: 'g', zone: 'z' } as const;
  const instances = [{ instance: 'projects/p/zones/z/instances/m' }];
  await compute.act(await compute.own(group), 'addInstances', { instances }, { requestId });
  const firewall = await compute.own({ kind: 'firewalls', name: 'f' });
  await compute.act(firewall, 'patch', { disabled: true }, { requestId });
  const changes = asked.filter((a) => !a.line.startsWith('GET'));
  assert.equal(changes.length, asked.length / 2, 'each target is read once');
  assert.deepEqual(
    changes.map((a) => a.line),
    [
      'POST /compute/v1/projects/demo/regions/r/addresses/x/setLabels',
      'POST /compute/v1/projects/demo/zones/z/instances/m/setDeletionProtection',
      'POST /compute/v1/projects/demo/zones/z/instanceGroups/g/addInstances',
      'PATCH /compute/v1/projects/demo/global/firewalls/f',
    ],
  );
  assert.deepEqual(changes[0]?.body, body);
  assert.equal(changes[1]?.query.get('deletionProtection'), 'false');
  assert.deepEqual(changes[2]?.body, { instances });
});

test('tells why a managed group cannot make a machine, and which zones could', async () => {
  const errorDetails = [{ errorInfo: { reason: 'x', metadatas: { zonesAvailable: 'europe-west1-c' } } }];
  const { cloud } = await scripted(() => ({
    body: {
      managedInstances: [
        {
          instance: 'https://www.googleapis.com/compute/v1/projects/demo/zones/z/instances/n-1',
          currentAction: 'CREATING',
          lastAttempt: {
            errors: { errors: [{ code: 'ZONE_RESOURCE_POOL_EXHAUSTED', message: 'none left', errorDetails }] },
          },
        },
        { instance: 'projects/demo/zones/z/instances/n-2', instanceStatus: 'RUNNING', currentAction: 'NONE' },
      ],
    },
  }));
  const found = await cloud.compute.managedInstances({ kind: 'instanceGroupManagers', name: 'g', zone: 'z' });
  assert.deepEqual(
    found.map((m) => ({ ...m, errors: m.errors.map((e) => [e.code, e.message, e.zonesAvailable]) })),
    [
      {
        name: 'n-1',
        status: undefined,
        action: 'CREATING',
        errors: [['stock-out', 'Google has no capacity: none left', ['europe-west1-c']]],
      },
      { name: 'n-2', status: 'RUNNING', action: 'NONE', errors: [] },
    ],
  );
});

test('reads serial output from an offset, and nothing while the machine is not powered on', async () => {
  const { cloud, asked } = await scripted((_, n) =>
    n === 1 ? refusal(400, 'resourceNotReady', 'not ready') : { body: { contents: 'boot', start: '0', next: '4' } },
  );
  const machine = { kind: 'instances', name: 'm', zone: 'z' } as const;
  assert.deepEqual(await cloud.compute.serialOutput(machine, 0), { text: '', next: 0 });
  assert.deepEqual(await cloud.compute.serialOutput(machine, 0), { text: 'boot', next: 4 });
  assert.equal(asked.length, 2);
});

test("tells the time by the server's clock", async () => {
  const { cloud, clock } = await scripted(
    () => ({ body: { name: 'demo' }, headers: { date: 'Fri, 02 Jan 2026 00:00:00 GMT' } }),
    Date.UTC(2026, 0, 1),
  );
  assert.equal(await cloud.compute.serverNow(), Date.UTC(2026, 0, 2));
  await clock.sleep(5_000);
  assert.equal(await cloud.compute.serverNow(), Date.UTC(2026, 0, 2) + 5_000);
});

test('refuses an endpoint that would carry the token in the clear to another computer', async () => {
  const { connectCloud } = await import('../../src/gce/connect.ts');
  const { wallClock } = await import('../../src/lib/clock.ts');
  const { systemIds } = await import('../../src/lib/ids.ts');
  for (const endpoint of ['http://10.0.0.1:80', 'ftp://127.0.0.1', 'nonsense', 'http://127.0.0.1:1/compute']) {
    await assert.rejects(connectCloud({ project: 'p', endpoint, token: 't', clock: wallClock, ids: systemIds }), (e) =>
      OperatorError.is(e, 'invalid-input'),
    );
  }
});
