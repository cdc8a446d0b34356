import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { connectKubernetes } from '../../src/kube/client.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { apiServer, type Asked, type KubeReply, type Printed } from './apiServer.ts';

const none = (): Printed => ({ output: '', ok: true });

const connected = async (
  t: TestContext,
  reply: (path: string, asked: Asked) => KubeReply,
  run: (command: string[]) => Printed = none,
) => {
  const server = await apiServer(reply, run);
  t.after(server.close);
  return connectKubernetes(server.kubeconfig('secret'), wallClock);
};

test('cordons as kubectl does with the name of the run, takes both back, and a node that is gone needs neither', async (t) => {
  const seen: Asked[] = [];
  const kube = await connected(t, (path, asked) => {
    seen.push(asked);
    return path.endsWith('/n-2') ? { status: 404, body: { message: 'nodes "n-2" not found' } } : { body: {} };
  });
  await kube.cordon('n-1', 'run-1');
  await kube.uncordon('n-2');
  const type = 'application/merge-patch+json';
  const body = (run: string, on: boolean) =>
    `{"metadata":{"annotations":{"trizone/cordoned-by":${run}}},"spec":{"unschedulable":${on}}}`;
  assert.deepEqual(seen, [
    { method: 'PATCH', type, body: body('"run-1"', true) },
    { method: 'PATCH', type, body: body('null', false) },
  ]);
});

test('an eviction that a budget blocks says which; a pod that is gone is evicted', async (t) => {
  const seen: [string, Asked][] = [];
  const budget = 'The disruption budget web needs 2 healthy pods and has 2 currently';
  const kube = await connected(t, (path, asked) => {
    seen.push([path, asked]);
    if (path.includes('/gone/')) return { status: 404, body: { message: 'pods "gone" not found' } };
    if (path.includes('/busy/')) {
      const message = "Cannot evict pod as it would violate the pod's disruption budget.";
      const details = { causes: [{ reason: 'DisruptionBudget', message: budget }] };
      return { status: 429, body: { kind: 'Status', message, details } };
    }
    return path.includes('/denied/') ? { status: 403, body: { message: 'no' } } : { status: 201, body: {} };
  });
  const evict = (name: string) => kube.evict({ namespace: 'shop', name });
  assert.deepEqual(await evict('web'), { done: true });
  assert.deepEqual(await evict('gone'), { done: true });
  assert.deepEqual(await evict('busy'), { done: false, blocked: budget });
  await assert.rejects(evict('denied'), (e) => OperatorError.is(e, 'kubernetes') && e.message.includes('403 no'));
  const metadata = { name: 'web', namespace: 'shop' };
  const body = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata });
  assert.deepEqual(seen[0], [
    '/api/v1/namespaces/shop/pods/web/eviction',
    { method: 'POST', type: 'application/json', body },
  ]);
});

test('tells pods as kubectl’s drain does, and lets the server choose those of one node', async (t) => {
  const pod = (name: string, more: object, phase = 'Running') => ({
    metadata: { name, namespace: 'default', ...more },
    spec: { nodeName: 'n-1' },
    status: { phase },
  });
  const owned = (kind: string) => ({ ownerReferences: [{ kind, controller: true }] });
  const paths: string[] = [];
  const kube = await connected(t, (path) => {
    paths.push(path);
    const items = [
      pod('static', { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
      pod('proxy', owned('DaemonSet')),
      pod('web', owned('ReplicaSet')),
      pod('lone', { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      pod('job', owned('Job'), 'Succeeded'),
    ];
    return { body: { metadata: {}, items } };
  });
  const kinds = (await kube.boundPods('n-1')).map((p) => [p.name, p.kind, p.ending]);
  assert.deepEqual(kinds, [
    ['static', 'mirror', false],
    ['proxy', 'daemon', false],
    ['web', 'controlled', false],
    ['lone', 'bare', true],
    ['job', 'over', false],
  ]);
  await kube.boundPods();
  assert.deepEqual(paths, ['/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3Dn-1', '/api/v1/pods?limit=500']);
});

test('deletes Node objects; one that is gone is gone', async (t) => {
  const seen: string[] = [];
  const kube = await connected(t, (path, { method }) => {
    seen.push(`${method} ${path}`);
    return path.endsWith('n-2') ? { status: 404, body: {} } : { body: {} };
  });
  await kube.deleteNode('n-1');
  await kube.deleteNode('n-2');
  assert.deepEqual(seen, ['DELETE /api/v1/nodes/n-1', 'DELETE /api/v1/nodes/n-2']);
});

test('changes etcd through another master’s static pod, and says what may pass', async (t) => {
  const commands: string[][] = [];
  const kube = await connected(
    t,
    () => ({ body: {} }),
    (command) => {
      commands.push(command);
      if (command.includes('dead')) return { output: 'Error: etcdserver: unhealthy cluster\n', ok: false };
      if (command.includes('gone')) return { output: 'Error: etcdserver: member not found\n', ok: false };
      return { output: 'done\n', ok: true };
    },
  );
  await kube.removeMember('m-1', '8211f1d0f64f3269');
  await kube.removeMember('m-1', 'gone');
  await kube.moveLeader('m-1', 'ade526d28b1f92f7', ['https://10.0.0.2:2379', 'https://10.0.0.3:2379']);
  await assert.rejects(
    kube.removeMember('m-1', 'dead'),
    (e) => OperatorError.is(e, 'kubernetes') && e.retry === 'soon',
  );
  assert.equal(commands[0]?.[0], '/api/v1/namespaces/kube-system/pods/etcd-m-1/exec');
  assert.deepEqual(commands[0].slice(-3), ['member', 'remove', '8211f1d0f64f3269']);
  assert.deepEqual(commands[2]?.slice(-2), ['move-leader', 'ade526d28b1f92f7']);
  assert.ok(commands[2].includes('--endpoints=https://10.0.0.2:2379,https://10.0.0.3:2379'));
});
