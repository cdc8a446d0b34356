import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as v from 'valibot';
import { connectKubernetes } from '../../src/kube/client.ts';
import type { KubeNode, KubernetesWriter } from '../../src/kube/kubernetes.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { answersFolder, differences, moments, type Answer, type Moments } from '../support/kubernetesAnswers.ts';
import { simulatedAnswers } from '../support/simulatedAnswers.ts';
import { apiServer, type KubeReply, type Printed } from './apiServer.ts';

// What a real cluster answered (`npm run lab -- record`), read by the readers that ship and held against the simulated one.

const fixture = v.array(v.object({ asked: v.string(), status: v.number(), body: v.unknown() }));
const recorded = (moment: keyof Moments): Answer[] =>
  v.parse(fixture, JSON.parse(readFileSync(join(answersFolder, `${moment}.json`), 'utf8')));

const printed = v.object({ output: v.string(), errors: v.string() });

/** The shipped reader at a server that says again what the real one said; what it never was asked is not found. */
const replayed = async (
  t: test.TestContext,
  answers: readonly Answer[],
  more: (path: string) => KubeReply | undefined = () => undefined,
): Promise<KubernetesWriter> => {
  const reply = (path: string, { method }: { method: string }): KubeReply =>
    more(path) ?? answers.find((a) => a.asked === `${method} ${path}`) ?? { status: 404, body: {} };
  const run = ([, ...command]: string[]): Printed => {
    const said = answers.find((a) => a.asked === command.join(' ')) ?? assert.fail(command.join(' '));
    return { ...v.parse(printed, said.body), ok: said.status === 0 };
  };
  const server = await apiServer(reply, run);
  t.after(server.close);
  return connectKubernetes(server.kubeconfig('secret'), wallClock);
};

const zone = 'topology.kubernetes.io/zone';
const shown = (n: KubeNode) => ({ ready: n.ready, taints: n.taints, zone: n.labels[zone], version: n.kubeletVersion });

test('a standing cluster', async (t) => {
  const pods = (path: string): KubeReply | undefined =>
    path === '/api/v1/pods?limit=500'
      ? recorded('standing').find((a) => a.asked.includes('/default/pods?'))
      : undefined;
  const kube = await replayed(t, recorded('standing'), pods);
  assert.equal(await kube.version(), 'v1.37.2');
  assert.deepEqual(await kube.readyz(), { ok: true, failed: [] });
  await kube.probe();
  const nodes = await kube.nodes();
  const common = { ready: true, zone: 'europe-west1-b', version: 'v1.37.2' };
  assert.deepEqual(nodes.map(shown), [
    { ...common, taints: ['node-role.kubernetes.io/control-plane:NoSchedule'] },
    { ...common, taints: [] },
  ]);
  assert.ok(nodes.every((n) => n.providerId === `gce://trizone-lab/europe-west1-b/${n.name}`));
  assert.ok(nodes.every((n) => /^10\.\d+\.\d+\.0\/24$/.test(n.podCidr) && n.created > 0 && !n.unschedulable));
  const system = await kube.pods('kube-system');
  assert.ok(system.length === 3 && system.every((p) => p.ready && p.phase === 'Running' && p.node !== ''));
  assert.equal(system.at(-1)?.labels['k8s-app'], 'kube-dns');
  const own = await kube.pods('default');
  assert.deepEqual(
    own.map((p) => [p.name, p.phase, p.ready, p.node === '']),
    [
      ['ended', 'Succeeded', false, false],
      ['staying', 'Running', true, false],
      ['waiting', 'Pending', false, true],
    ],
  );
  assert.deepEqual(
    (await kube.boundPods()).map((p) => p.kind),
    ['over', 'bare', 'bare'],
  );
  assert.equal(await kube.podLog('default', 'ended'), 'hello\n');
  const [server, ...leaders] = await kube.leases('kube-system');
  assert.equal(server?.labels['apiserver.kubernetes.io/identity'], 'kube-apiserver');
  assert.match(server.labels['kubernetes.io/hostname'] ?? '', /^kubernetes-master/);
  assert.ok([server, ...leaders].every((l) => l.renewed > 0));
  assert.deepEqual(await kube.cloudUsers(), {
    balancers: [],
    claims: [{ name: 'data', namespace: 'default' }],
    pods: [{ name: 'waiting', namespace: 'default', ending: false }],
    volumes: [{ name: 'data', disk: 'data', goes: true, claim: 'default/data' }],
  });
});

test('pods of the machines, as a drain tells them apart', async (t) => {
  const system = recorded('standing').find((a) => a.asked.includes('/kube-system/pods?'));
  const kube = await replayed(t, recorded('standing'), (path) =>
    path.startsWith('/api/v1/pods?') ? system : undefined,
  );
  assert.deepEqual(
    (await kube.boundPods()).map((p) => [p.kind, p.ending]),
    [
      ['mirror', false],
      ['daemon', false],
      ['controlled', false],
    ],
  );
});

test('etcd, well and with a member that is silent', async (t) => {
  const well = await replayed(t, recorded('standing'));
  const { members, alarms } = await well.etcd('kubernetes-master');
  assert.equal(members.length, 3);
  assert.ok(members.every((m) => m.started && m.healthy && !m.learner && m.dbSize > 1e6 && m.name !== ''));
  assert.equal(members.filter((m) => m.leader).length, 1);
  assert.deepEqual(alarms, []);
  await well.removeMember('kubernetes-master', 'abcdef0123456789'); // "member not found" = gone already
  await assert.rejects(well.moveLeader('kubernetes-master', 'abcdef0123456789', ['https://127.0.0.1:2379']), {
    code: 'kubernetes',
    retry: 'soon',
  });
  const silent = await replayed(t, [...recorded('silent'), ...recorded('standing')]);
  const ill = await silent.etcd('kubernetes-master');
  assert.deepEqual(ill.members.map((m) => m.healthy).sort(), [false, true, true]);
  assert.equal(ill.members.filter((m) => m.leader).length, 1);
});

test('a node and a master that have just come are not ready, and a watch tells of them', async (t) => {
  const events = recorded('newNode').map((a) => a.body);
  const [forgotten] = recorded('standing').filter((a) => a.asked.includes('resourceVersion=1'));
  const said = [[forgotten?.body], events];
  const kube = await replayed(t, recorded('standing'), (path) =>
    path.includes('watch=true')
      ? { stream: (answer) => answer.end((said.shift() ?? []).map((e) => `${JSON.stringify(e)}\n`).join('')) }
      : undefined,
  );
  let last: readonly KubeNode[] = [];
  await kube.watchNodes((nodes) => (last = nodes), new AbortController().signal);
  assert.equal(said.length, 0, 'a version that is forgotten is listed anew');
  const fresh = last.filter((n) => !n.ready);
  assert.deepEqual(
    fresh.map((n) => [n.providerId === '', n.taints]),
    [
      [
        true,
        ['node.cloudprovider.kubernetes.io/uninitialized=true:NoSchedule', 'node.kubernetes.io/not-ready:NoSchedule'],
      ],
      [
        false,
        [
          'node-role.kubernetes.io/control-plane:NoSchedule',
          'node.kubernetes.io/not-ready:NoSchedule',
          'node.kubernetes.io/not-ready:NoExecute',
        ],
      ],
    ],
  );
});

test('changes: what is gone counts as done, a disruption budget says not now', async (t) => {
  const evictions = recorded('changes').filter((a) => a.asked.endsWith('/eviction') && !a.asked.includes('/nothing/'));
  const kube = await replayed(t, recorded('changes'));
  const [first = '', second = ''] = evictions.map((a) => a.asked.split('/').at(-2) ?? '');
  const namespace = 'kube-system';
  assert.deepEqual(await kube.evict({ namespace, name: first }), { done: true });
  assert.deepEqual(await kube.evict({ namespace, name: 'nothing' }), { done: true });
  assert.deepEqual(await kube.evict({ namespace, name: second }), {
    done: false,
    blocked: 'The disruption budget coredns needs 1 healthy pods and has 1 currently',
  });
  await kube.cordon('nothing', 'run');
  await kube.deleteNode('nothing');
  const system = recorded('changes').find((a) => a.asked.includes('/pods?'));
  const drained = await replayed(t, recorded('changes'), (path) =>
    path.startsWith('/api/v1/pods?') ? system : undefined,
  );
  assert.deepEqual(
    (await drained.boundPods()).map((p) => [p.kind, p.ending]),
    [['controlled', true]],
  );
});

test('a silent node and a silent master', async (t) => {
  const kube = await replayed(t, recorded('silent'));
  const unreachable = ['NoSchedule', 'NoExecute'].map((effect) => `node.kubernetes.io/unreachable:${effect}`);
  for (const node of await kube.nodes()) {
    assert.equal(node.ready, false);
    assert.deepEqual(
      node.taints.filter((taint) => taint.includes('unreachable')),
      unreachable,
    );
  }
  assert.deepEqual(
    (await kube.pods('kube-system')).map((p) => [p.phase, p.ready]),
    Array(2).fill(['Running', false]),
  );
  assert.deepEqual(
    (await kube.pods('default')).map((p) => [p.name, p.phase, p.ready]),
    [['staying', 'Running', false]],
  );
});

test('without a majority the checks that fail are named', async (t) => {
  const kube = await replayed(t, recorded('noQuorum'));
  assert.deepEqual(await kube.readyz(), { ok: false, failed: ['etcd', 'etcd-readiness'] });
});

const known: Partial<Record<keyof Moments, readonly string[]>> = {
  // Neither Trizone nor kubectl's tables look at why a pod goes.
  changes: ['type: "DisruptionTarget"', 'status: "True"', 'reason: "EvictionByEvictionAPI"'].map(
    (said) => `-/body/items/0/status/conditions/DisruptionTarget/${said}`,
  ),
  // A static pod that kubelet tells of after its Node has got its zone; ours always does so before, as the real one may, too.
  silent: ['region: "europe-west1"', 'zone: "europe-west1-<z>"'].map(
    (said) => `-/body/items/0/metadata/labels/topology.kubernetes.io/${said}`,
  ),
};

test('the simulated Kubernetes answers as the real one did', async (t) => {
  const simulated = await simulatedAnswers(t);
  for (const moment of moments)
    await t.test(moment, () => {
      const real = recorded(moment);
      assert.equal(simulated[moment].length, real.length);
      const found = real.map((answer, i) => differences(answer, simulated[moment][i]));
      assert.deepEqual(found.flat(), known[moment] ?? []);
    });
});
