import assert from 'node:assert/strict';
import test from 'node:test';
import { connectKubernetes } from '../../src/kube/client.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { apiServer, type KubeReply, type Printed } from './apiServer.ts';

const none = (): Printed => ({ output: '', ok: true });
const connected = async (
  t: test.TestContext,
  reply: (path: string) => KubeReply,
  run = none as (c: string[]) => Printed,
) => {
  const server = await apiServer(reply, run);
  t.after(server.close);
  return connectKubernetes(server.kubeconfig('secret'), wallClock);
};

const node = (name: string, ready: string) => ({
  metadata: {
    name,
    labels: { 'topology.kubernetes.io/zone': 'europe-west1-b' },
    annotations: { 'trizone/certificates-end': '2027-01-01T00:00:00Z', 'trizone/cordoned-by': 'run-1' },
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: {
    unschedulable: true,
    taints: [
      { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
      { key: 'a', value: 'b', effect: 'NoExecute' },
    ],
    providerID: `gce://demo/europe-west1-b/${name}`,
    podCIDR: '10.64.0.0/24',
  },
  status: {
    conditions: [
      { type: 'DiskPressure', status: 'False' },
      { type: 'Ready', status: ready },
    ],
    nodeInfo: { kubeletVersion: 'v1.37.2' },
  },
});

test('reads all pages of the nodes through the proxy; a state that is not known is not ready', async (t) => {
  const kube = await connected(t, (path) =>
    path.includes('continue=')
      ? { body: { metadata: {}, items: [node('n-2', 'Unknown')] } }
      : { body: { metadata: { continue: 'more' }, items: [node('n-1', 'True')] } },
  );
  const nodes = await kube.nodes();
  assert.deepEqual(nodes[0], {
    name: 'n-1',
    ready: true,
    unschedulable: true,
    taints: ['node-role.kubernetes.io/control-plane:NoSchedule', 'a=b:NoExecute'],
    labels: { 'topology.kubernetes.io/zone': 'europe-west1-b' },
    providerId: 'gce://demo/europe-west1-b/n-1',
    podCidr: '10.64.0.0/24',
    kubeletVersion: 'v1.37.2',
    certificatesEnd: Date.UTC(2027, 0, 1),
    cordonedBy: 'run-1',
    created: Date.UTC(2026, 0, 1),
  });
  assert.equal(nodes[1]?.ready, false);
});

test('reads pods, leases and the version', async (t) => {
  const replies: Record<string, unknown> = {
    '/version': { gitVersion: 'v1.37.2' },
    '/api/v1/namespaces/kube-system/pods?limit=500': {
      metadata: {},
      items: [
        {
          metadata: { name: 'coredns-1', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
          spec: { nodeName: 'n-1' },
          status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
        },
        { metadata: { name: 'p', namespace: 'kube-system' }, spec: {}, status: { phase: 'Pending' } },
      ],
    },
    '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases?limit=500': {
      metadata: {},
      items: [{ metadata: { name: 'n-1' }, spec: { renewTime: '2026-01-01T00:00:10.000000Z' } }],
    },
  };
  const kube = await connected(t, (path) => ({ status: path in replies ? 200 : 404, body: replies[path] ?? {} }));
  assert.equal(await kube.version(), 'v1.37.2');
  const labels = { 'k8s-app': 'kube-dns' };
  assert.deepEqual(await kube.pods('kube-system'), [
    { name: 'coredns-1', namespace: 'kube-system', node: 'n-1', phase: 'Running', ready: true, labels },
    { name: 'p', namespace: 'kube-system', node: '', phase: 'Pending', ready: false, labels: {} },
  ]);
  assert.deepEqual(await kube.leases('kube-node-lease'), [
    { name: 'n-1', renewed: Date.UTC(2026, 0, 1, 0, 0, 10), labels: {} },
  ]);
});

test('names the failed checks of readyz', async (t) => {
  const kube = await connected(t, () => ({
    status: 500,
    body: '[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/x failed: reason withheld\nreadyz check failed\n',
  }));
  assert.deepEqual(await kube.readyz(), { ok: false, failed: ['etcd', 'poststarthook/x'] });
});

test('readyz without failed checks is ok, and without an answer tells why', async (t) => {
  const server = await apiServer(() => ({ body: '[+]ping ok\nreadyz check passed\n' }), none);
  const kube = await connectKubernetes(server.kubeconfig('secret'), wallClock);
  assert.deepEqual(await kube.readyz(), { ok: true, failed: [] });
  server.close();
  const { ok, failed } = await kube.readyz();
  assert.equal(ok, false);
  assert.match(failed[0] ?? '', /^The Kubernetes API is not responding .*ECONNREFUSED/);
  t.diagnostic(failed[0] ?? '');
});

test('says what a refusal was', async (t) => {
  const kube = await connected(t, () => ({ status: 403, body: { kind: 'Status', message: 'nodes is forbidden' } }));
  await assert.rejects(
    kube.nodes(),
    (e) => OperatorError.is(e, 'kubernetes') && e.message.includes('403 nodes is forbidden'),
  );
});

test('a refusal that passes by itself is tried again soon, any other never; so is an election of etcd', async (t) => {
  let status = 0;
  const kube = await connected(
    t,
    () => ({ status, body: { kind: 'Status', message: 'etcdserver: leader changed' } }),
    () => ({ output: 'Error: etcdserver: leader changed\n', ok: false }),
  );
  const retry = (wanted: string) => (e: unknown) => OperatorError.is(e, 'kubernetes') && e.retry === wanted;
  for (status of [429, 500, 503, 504]) await assert.rejects(kube.nodes(), retry('soon'), `${status}`);
  for (status of [400, 403, 409, 422]) await assert.rejects(kube.nodes(), retry('never'), `${status}`);
  await assert.rejects(kube.etcd('m'), retry('soon'));
});

test('a proxy that does not know the secret is an answer, not a hang', async (t) => {
  const server = await apiServer(() => ({ body: {} }), none);
  t.after(server.close);
  const kube = await connectKubernetes(server.kubeconfig('wrong'), wallClock);
  await assert.rejects(kube.version(), (e) => OperatorError.is(e, 'kubernetes') && e.message.includes('403'));
});

test('a server that never answers ends after five seconds, during which virtual time stands still', async (t) => {
  const server = await apiServer(() => 'hang', none);
  t.after(server.close);
  const clock = new VirtualClock();
  const kube = await connectKubernetes(server.kubeconfig('secret'), clock);
  const start = clock.now();
  const later = clock.sleep(60_000);
  await assert.rejects(
    kube.version(),
    (e) => OperatorError.is(e, 'kubernetes') && e.message.includes('no response within 5 s'),
  );
  assert.equal(clock.now(), start);
  await later;
});

test('asks etcd by commands in the static pod of a master', async (t) => {
  const commands: string[][] = [];
  const kube = await connected(
    t,
    () => ({ body: {} }),
    (command) => {
      commands.push(command);
      const words = command.join(' ');
      if (words.includes('member list')) {
        const learner = 'ade526d28b1f92f7, unstarted, , https://10.40.0.3:2380, , true\n';
        const output = `8211f1d0f64f3269, started, kubernetes-master, https://10.40.0.2:2380, https://10.40.0.2:2379, false\n${learner}`;
        return { output, ok: true };
      }
      if (words.includes('alarm list')) return { output: 'memberID:9372538179322589801 alarm:NOSPACE \n', ok: true };
      return {
        output:
          'https://10.40.0.2:2379, 8211f1d0f64f3269, 3.6.5, 3.6.0, 21 MB, 9.9 MB, 53%, 2.1 GB, true, false, 3, 42, 42, , , false\n',
        ok: true,
      };
    },
  );
  assert.deepEqual(await kube.etcd('kubernetes-master'), {
    members: [
      {
        id: '8211f1d0f64f3269',
        name: 'kubernetes-master',
        peerUrl: 'https://10.40.0.2:2380',
        clientUrl: 'https://10.40.0.2:2379',
        started: true,
        learner: false,
        leader: true,
        dbSize: 21_000_000,
        healthy: true,
      },
      {
        id: 'ade526d28b1f92f7',
        name: '',
        peerUrl: 'https://10.40.0.3:2380',
        clientUrl: '',
        started: false,
        learner: true,
        leader: false,
        dbSize: 0,
        healthy: false,
      },
    ],
    alarms: ['memberID:9372538179322589801 alarm:NOSPACE'],
  });
  const [pod, program, ...words] = commands[0] ?? [];
  assert.equal(pod, '/api/v1/namespaces/kube-system/pods/etcd-kubernetes-master/exec');
  assert.equal(program, 'etcdctl');
  assert.ok(words.includes('--cacert=/etc/kubernetes/pki/etcd/ca.crt'));
});

test('an etcdctl that fails says so', async (t) => {
  const kube = await connected(
    t,
    () => ({ body: {} }),
    () => ({ output: 'context deadline exceeded\n', ok: false }),
  );
  await assert.rejects(
    kube.etcd('m'),
    (e) => OperatorError.is(e, 'kubernetes') && e.message.endsWith('context deadline exceeded'),
  );
});

for (const [what, change] of [
  ['disables TLS verification', (c: string) => c.replace('"proxy-url"', '"insecure-skip-tls-verify":true,"proxy-url"')],
  ['is not https', (c: string) => c.replace('https://192', 'http://192')],
  ['would run a program', (c: string) => c.replace('"user":{', '"user":{"exec":{"command":"/bin/sh"},')],
  ['has no current context', (c: string) => c.replace('"current-context":"x"', '"current-context":"y"')],
  ['is not YAML', () => '{'],
] as const) {
  test(`refuses a kubeconfig that ${what}`, async (t) => {
    const server = await apiServer(() => ({ body: {} }), none);
    t.after(server.close);
    await assert.rejects(connectKubernetes(change(server.kubeconfig('secret')), wallClock), (e) =>
      OperatorError.is(e, 'invalid-input'),
    );
  });
}
