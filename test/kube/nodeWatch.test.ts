import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import test, { type TestContext } from 'node:test';
import { connectKubernetes } from '../../src/kube/client.ts';
import type { KubeNode, Kubernetes } from '../../src/kube/kubernetes.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { poll } from '../../src/lib/deadline.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { names } from '../../src/model/names.ts';
import { articleWish, cloudWorld } from '../support/cloudWorld.ts';
import { apiServer, type KubeReply } from './apiServer.ts';

const node = (name: string, ready: boolean, heartbeat = 0) => ({
  metadata: { name },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastHeartbeatTime: heartbeat }] },
});
const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const list = (version: string, ...items: object[]): KubeReply => ({
  body: { metadata: { resourceVersion: version }, items },
});
const words = (nodes: readonly KubeNode[]): string[] => nodes.map((n) => `${n.name} ${n.ready ? 'Ready' : 'NotReady'}`);
const isCut = (error: unknown): boolean => OperatorError.is(error, 'kubernetes');

/** A watch and what it told, in order. */
class Watching {
  readonly told: string[][] = [];
  readonly stop = new AbortController();
  readonly end: Promise<void>;

  constructor(kube: Kubernetes) {
    this.end = kube.watchNodes((nodes) => this.told.push(words(nodes)), this.stop.signal);
    this.end.catch(() => undefined); // whoever wants to know awaits it
  }

  async until(met: (last: readonly string[]) => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(20_000);
    await poll(wallClock, 5, deadline, () => Promise.resolve(met(this.told.at(-1) ?? []) || undefined));
  }
}

const watching = async (t: TestContext, reply: (path: string) => KubeReply, proxyHangs = false) => {
  const server = await apiServer(reply, () => ({ output: '', ok: true }), proxyHangs);
  t.after(server.close);
  const kube = await connectKubernetes(server.kubeconfig('secret'), wallClock);
  const none = (): Promise<void> =>
    poll(wallClock, 5, AbortSignal.timeout(5_000), async () => ((await server.held()) === 0 ? true : undefined)).then(
      () => undefined,
    );
  return { watch: new Watching(kube), kube, server, none };
};

test('tells all nodes at once and at every change that counts; what is one piece is one change', async (t) => {
  const stream = Promise.withResolvers<ServerResponse>();
  const paths: string[] = [];
  const { watch, kube } = await watching(t, (path) => {
    paths.push(path);
    if (path === '/version') return { body: { gitVersion: 'v1' } };
    return path.includes('watch=') ? { stream: stream.resolve } : list('7', node('a', true), node('b', false));
  });
  const answer = await stream.promise;
  assert.match(paths[1] ?? '', /resourceVersion=7$/);
  const whole = event('MODIFIED', node('ü', true));
  answer.write(event('BOOKMARK', { metadata: { resourceVersion: '8' } }));
  answer.write(event('MODIFIED', node('a', true, 99)));
  await kube.version(); // a question on the way: what was written before it has arrived as a piece of its own
  answer.write(event('ADDED', node('c', false)) + event('DELETED', node('b', false)) + whole.slice(0, 30));
  await watch.until((last) => last.includes('c NotReady'));
  answer.end(whole.slice(30));
  await watch.end;
  assert.deepEqual(watch.told, [
    ['a Ready', 'b NotReady'],
    ['a Ready', 'c NotReady'],
    ['a Ready', 'c NotReady', 'ü Ready'],
  ]);
});

for (const [how, reply] of [
  ['in the stream', { stream: (a: ServerResponse) => a.end(event('ERROR', { code: 410, message: 'too old' })) }],
  ['at once', { status: 410, body: { message: 'too old resource version' } }],
] as const) {
  test(`a version that is gone (${how}) makes it list again, but not for ever`, async (t) => {
    let lists = 0;
    const recovering = await watching(t, (path) => {
      if (!path.includes('watch=')) return list(String(++lists), node(`n${lists}`, true));
      return lists === 1 ? reply : { stream: (a) => a.end(event('ADDED', node('late', true))) };
    });
    await recovering.watch.end;
    assert.deepEqual(recovering.watch.told, [['n1 Ready'], ['n2 Ready'], ['n2 Ready', 'late Ready']]);
    const hopeless = await watching(t, (path) => (path.includes('watch=') ? reply : list('1')));
    await assert.rejects(hopeless.watch.end, isCut);
    assert.equal(hopeless.watch.told.length, 3);
  });
}

test('a cut, a refusal, an error and nonsense are errors of Kubernetes', async (t) => {
  const replies: KubeReply[] = [
    { stream: (a) => a.destroy() },
    { status: 403, body: { message: 'forbidden' } },
    { stream: (a) => a.write(event('ERROR', { code: 500, message: 'etcd' })) },
    { stream: (a) => a.write(event('ADDED', { metadata: {} })) },
    { stream: (a) => a.write('<html>\n') },
  ];
  for (const reply of replies) {
    const { watch, none } = await watching(t, (path) => (path.includes('watch=') ? reply : list('1')));
    await assert.rejects(watch.end, isCut);
    await none();
  }
});

test('an abort ends it quietly at every stage and lets go of its connection', async (t) => {
  for (const stage of ['connect', 'list', 'watch', 'stream'] as const) {
    const arrived = Promise.withResolvers<unknown>();
    const reply = (path: string): KubeReply => {
      const isWatch = path.includes('watch=');
      if (isWatch === (stage !== 'list')) arrived.resolve(undefined);
      if (!isWatch && stage !== 'list') return list('1');
      return stage === 'stream' ? { stream: () => undefined } : 'hang';
    };
    const { watch, none, server } = await watching(t, reply, stage === 'connect');
    if (stage === 'connect') {
      await poll(wallClock, 5, AbortSignal.timeout(5_000), async () => ((await server.held()) > 0 ? true : undefined));
    } else await arrived.promise;
    watch.stop.abort();
    await watch.end;
    await none();
  }
});

test('a proxy that never answers is given up after 5 s, by questions, exec and watch alike; nothing stays open', async (t) => {
  const { watch, kube, none } = await watching(t, () => 'hang', true);
  await Promise.all([
    assert.rejects(watch.end, isCut),
    assert.rejects(kube.nodes(), isCut),
    assert.rejects(kube.etcd('m'), isCut),
  ]);
  await none();
});

test('an exec ends with its signal and lets go of its connection', async (t) => {
  const { kube, none, watch } = await watching(t, () => 'hang', true);
  const stop = new AbortController();
  const asked = kube.etcd('m', stop.signal);
  stop.abort();
  watch.stop.abort();
  await assert.rejects(asked, (e) => OperatorError.is(e, 'cancelled'));
  await none();
});

test('the emulated API server tells of nodes that come, go and fall silent, and ends with its machine', async (t) => {
  const w = await cloudWorld(t, 'watch');
  const p = await w.program();
  assert.equal((await w.up(p, { ...articleWish, nodes: 2 })).error, undefined);
  const kube = await p.session.world.kubernetes(names('kubernetes').secrets.admin);
  assert.ok(kube !== undefined);
  const watch = new Watching(kube);
  await watch.until((last) => last.filter((word) => word.endsWith(' Ready')).length === 3);
  const zone = '/compute/v1/projects/demo-project/zones/europe-west1-b/instances';
  const one =
    watch.told
      .at(-1)
      ?.find((word) => word.includes('minion'))
      ?.split(' ')[0] ?? '';
  await w.request('POST', `${zone}/${one}/stop`, {});
  await watch.until((last) => last.includes(`${one} NotReady`) || !last.some((word) => word.startsWith(one)));
  await w.request('POST', `${zone}/kubernetes-master/stop`, {});
  await assert.rejects(watch.end, isCut);
});
