import assert from 'node:assert/strict';
import test from 'node:test';
import { markerDescription, markerLabels } from '../../src/model/marker.ts';
import { cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';

const zone = '/compute/v1/projects/demo-project/zones/europe-west1-b';
const region = '/compute/v1/projects/demo-project/regions/europe-west1';
const global = '/compute/v1/projects/demo-project/global';

const disk = (name: string, more: object = {}) => ({ name, sizeGb: '10', ...more });
const machine = (name: string, more: object = {}) => ({
  name,
  machineType: 'zones/europe-west1-b/machineTypes/e2-small',
  disks: [
    {
      boot: true,
      autoDelete: true,
      initializeParams: { sourceImage: 'projects/debian-cloud/global/images/family/debian-12' },
    },
  ],
  networkInterfaces: [{ network: 'global/networks/default' }],
  ...more,
});

const make = async (w: CloudWorld, path: string, body: object): Promise<void> => {
  const answer = await w.request('POST', path, body);
  assert.equal(answer.error, undefined, JSON.stringify(answer));
};

test('look-alikes are untouched by up and down: by name, by another uid, by a marker without the name', async (t) => {
  const w = await cloudWorld(t);
  const dead = { cluster: 'kubernetes', uid: 'otheruid' };
  await make(w, `${zone}/instances`, machine('kubernetes-master-foo-bar'));
  await make(w, `${zone}/instances`, machine('my-kubernetes-master'));
  await make(w, `${zone}/instances`, machine('kubernetes-minion-group-abcd', { labels: markerLabels(dead, 'node') }));
  await make(
    w,
    `${zone}/disks`,
    disk('kubernetes-master-q7x-pd', { description: markerDescription(dead), labels: markerLabels(dead, 'etcd') }),
  );
  await make(w, `${global}/firewalls`, {
    name: 'k8s-fw-a1',
    network: 'global/networks/default',
    allowed: [{ IPProtocol: 'tcp' }],
  });
  await make(w, `${region}/addresses`, { name: 'kubernetes-master-ip-2', description: markerDescription(dead) });
  await w.clock.sleep(120_000);
  const before = w.resources();
  assert.equal((await w.up()).error, undefined);
  assert.equal((await w.down())?.error, undefined);
  assert.deepEqual(w.resources(), before);
});

test('a thing marked as ours but named otherwise is not deleted', async (t) => {
  const w = await cloudWorld(t);
  assert.equal((await w.up()).error, undefined);
  const root = Object.values(
    (w.resources() as Record<string, Record<string, { name: string; description: string }>>)['compute/addresses']!,
  ).find((a) => a.name === 'kubernetes-master-ip');
  const { uid } = JSON.parse(root!.description) as { uid: string };
  const description = markerDescription({ cluster: 'kubernetes', uid });
  await make(w, `${zone}/disks`, disk('backup-of-kubernetes', { description }));
  await w.clock.sleep(60_000);
  assert.equal((await w.down())?.error, undefined);
  const disks = Object.keys((w.resources() as Record<string, object>)['compute/disks'] ?? {});
  assert.deepEqual(disks, ['zones/europe-west1-b/disks/backup-of-kubernetes']);
});

test('a foreign resource under one of our names is refused before anything is made', async (t) => {
  const w = await cloudWorld(t);
  await make(w, `${global}/networks`, { name: 'kubernetes-net', autoCreateSubnetworks: false });
  await w.clock.sleep(120_000);
  const before = w.resources();
  const [, plan] = await w.planUp(await w.program());
  assert.equal(plan.refusals[0]?.code, 'foreign');
  assert.match(plan.refusals[0].message, /network kubernetes-net \(it has no Trizone marker\)/);
  assert.deepEqual(w.resources(), before);
});

test('a cluster name is taken in the whole project, other regions included', async (t) => {
  const w = await cloudWorld(t);
  assert.equal((await w.up()).error, undefined);
  const p = await w.program();
  await assert.rejects(w.planUp(p, { project: 'demo-project', zone: 'us-central1-a' }), {
    code: 'refused',
    message: /different region: europe-west1/,
  });
});
