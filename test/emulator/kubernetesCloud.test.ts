import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';
import { inCloud, KubeObjects } from '../support/kubeObjects.ts';

const minute = 60_000;
const services = '/api/v1/namespaces/default/services';
const claims = '/api/v1/namespaces/default/persistentvolumeclaims';

const begin = async (t: TestContext, seed: string): Promise<{ w: CloudWorld; kube: KubeObjects }> => {
  const w = await cloudWorld(t, seed);
  assert.equal((await w.up()).error, undefined);
  return { w, kube: await KubeObjects.open(w) };
};

const kinds = ['forwardingRules', 'targetPools', 'firewalls', 'httpHealthChecks'] as const;
const made = (w: CloudWorld, part: string): string[] =>
  kinds.flatMap((kind) => Object.keys(inCloud(w, kind, part)).map((path) => `${kind}: ${path.split('/').at(-1)}`));

test('a LoadBalancer Service gets what the cloud controller manager makes, and takes it along', async (t) => {
  const { w, kube } = await begin(t, 'balancer');
  const name = await kube.balancer('web');
  assert.equal(name.length, 32);
  await w.clock.sleep(minute);
  const [rule] = Object.values(inCloud(w, 'forwardingRules', name));
  const [pool] = Object.values(inCloud(w, 'targetPools', name));
  const [fence] = Object.values(inCloud(w, 'firewalls', `k8s-fw-${name}`));
  const service = '"kubernetes.io/service-name":"default/web"';
  assert.equal(rule?.description, `{${service}}`);
  assert.deepEqual([rule.portRange, rule.IPProtocol, rule.target], ['80-80', 'TCP', pool?.selfLink]);
  assert.equal(pool?.description, `{${service}}`);
  assert.equal((pool.instances as string[]).length, 3);
  assert.ok((pool.instances as string[]).every((i) => /\/kubernetes-minion-group-\w{4}$/.test(i)));
  assert.equal(fence?.description, `{${service},"kubernetes.io/service-ip":"${String(rule.IPAddress)}"}`);
  assert.match(String(fence.network), /\/kubernetes-net$/);
  assert.deepEqual(fence.targetTags, ['kubernetes-minion']);
  assert.equal(made(w, '-node').filter((n) => /: k8s-[0-9a-f]{16}-node(-http-hc)?$/.test(n)).length, 2);
  const found = await kube.find(`${services}/web`);
  assert.deepEqual(found?.status, { loadBalancer: { ingress: [{ ip: rule.IPAddress, ipMode: 'VIP' }] } });
  assert.deepEqual(found.metadata.finalizers, ['service.kubernetes.io/load-balancer-cleanup']);

  await kube.remove(`${services}/web`);
  assert.ok((await kube.find(`${services}/web`))?.metadata.deletionTimestamp, 'held by its finalizer');
  await w.clock.sleep(minute);
  assert.equal(await kube.find(`${services}/web`), undefined);
  assert.deepEqual([...made(w, name), ...made(w, 'k8s-')], []);
});

test('two Services share the health check; it goes with the last one, also when their namespace is deleted', async (t) => {
  const { w, kube } = await begin(t, 'shared');
  await kube.make('/api/v1/namespaces', { metadata: { name: 'shop' } });
  const [one, two] = [await kube.balancer('one'), await kube.balancer('two', 'shop')];
  await w.clock.sleep(minute);
  await kube.remove(`${services}/one`);
  await w.clock.sleep(minute);
  assert.deepEqual(made(w, one), []);
  assert.equal(await kube.find(`${services}/one`), undefined);
  assert.equal(made(w, two).length, 3);
  assert.equal(Object.keys(inCloud(w, 'httpHealthChecks', '-node')).length, 1);
  await kube.remove('/api/v1/namespaces/shop');
  await w.clock.sleep(2 * minute);
  assert.deepEqual([...made(w, two), ...made(w, 'k8s-')], []);
  assert.equal(await kube.find('/api/v1/namespaces/shop'), undefined);
});

test('a claim gets a disk that hangs on the machine of its pod, and takes it along unless its class retains it', async (t) => {
  const { w, kube } = await begin(t, 'claim');
  await kube.storageClass('fast', 'Delete');
  await kube.storageClass('kept', 'Retain');
  const [disk, kept] = [await kube.claim('data', 'fast'), await kube.claim('keep', 'kept')];
  await kube.pod('db', 'data');
  await w.clock.sleep(minute);
  const [[path, found] = []] = Object.entries(inCloud(w, 'disks', disk));
  assert.match(path ?? '', /^zones\/europe-west1-b\/disks\//);
  assert.equal(found?.sizeGb, '5');
  assert.deepEqual(JSON.parse(String(found.description)), {
    'kubernetes.io/created-for/pv/name': disk,
    'kubernetes.io/created-for/pvc/name': 'data',
    'kubernetes.io/created-for/pvc/namespace': 'default',
    'storage.gke.io/created-by': 'pd.csi.storage.gke.io',
  });
  const holds = (): string[] =>
    Object.entries(inCloud(w, 'instances', 'minion')).flatMap(([machine, i]) =>
      JSON.stringify(i.disks).includes(disk) ? [machine.split('/').at(-1) ?? ''] : [],
    );
  const pod = await kube.find('/api/v1/namespaces/default/pods/db');
  assert.deepEqual(holds(), [pod?.spec.nodeName]);
  assert.equal((await kube.find(`${claims}/data`))?.spec.volumeName, disk);

  await kube.remove(`${claims}/data`);
  await kube.remove(`${claims}/keep`);
  await w.clock.sleep(minute);
  assert.ok(await kube.find(`${claims}/data`), 'a claim in use stays');
  await kube.remove('/api/v1/namespaces/default/pods/db');
  await w.clock.sleep(2 * minute);
  assert.equal(await kube.find(`${claims}/data`), undefined);
  assert.equal(await kube.find(`/api/v1/persistentvolumes/${disk}`), undefined);
  assert.deepEqual([holds(), inCloud(w, 'disks', disk)], [[], {}]);
  assert.equal(Object.keys(inCloud(w, 'disks', kept)).length, 1);
  assert.deepEqual((await kube.find(`/api/v1/persistentvolumes/${kept}`))?.status, { phase: 'Released' });
});

test('with the masters gone nothing is made or cleaned up any more', async (t) => {
  const { w, kube } = await begin(t, 'dead');
  const name = await kube.balancer('web');
  await w.clock.sleep(minute);
  const stop = '/compute/v1/projects/demo-project/zones/europe-west1-b/instances/kubernetes-master/stop';
  await w.request('POST', stop, {});
  await w.clock.sleep(10 * minute);
  assert.equal(made(w, name).length, 3);
});
