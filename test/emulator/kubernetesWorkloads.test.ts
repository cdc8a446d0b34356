import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import test, { type TestContext } from 'node:test';
import * as v from 'valibot';
import { WebSocket } from 'ws';
import { parse } from 'yaml';
import { GuestWorld } from '../support/guestWorld.ts';

const kubeconfigSchema = v.object({
  users: v.tuple([
    v.object({ user: v.object({ 'client-certificate-data': v.string(), 'client-key-data': v.string() }) }),
  ]),
});

const podsSchema = v.object({
  items: v.array(
    v.object({
      metadata: v.object({ name: v.string(), deletionTimestamp: v.optional(v.string()) }),
      spec: v.object({ nodeName: v.optional(v.string()) }),
      status: v.object({ phase: v.string() }),
    }),
  ),
});

/** A cluster of a master and nodes in zones, with a client in plain HTTPS; virtual time stands still while it asks. */
class Small {
  readonly world: GuestWorld;
  private port = 0;

  constructor(t: TestContext, seed: string) {
    this.world = new GuestWorld(seed);
    t.after(() => this.world.runtime.close?.());
    this.end = (close) => t.after(close);
  }

  private readonly end: (close: () => void) => void;

  async begin(nodes: readonly string[]): Promise<this> {
    await this.world.cluster(nodes);
    const { port, server } = await this.world.front();
    this.port = port;
    this.end(() => server.close());
    return this;
  }

  get identity() {
    const { user } = v.parse(kubeconfigSchema, parse(this.world.latest('kubernetes-admin'))).users[0];
    const decode = (base64: string): string => Buffer.from(base64, 'base64').toString();
    // eslint-disable-next-line no-restricted-syntax -- what is tested here is not the certificate
    const trust = { rejectUnauthorized: false };
    return { ...trust, cert: decode(user['client-certificate-data']), key: decode(user['client-key-data']) };
  }

  ask(method: string, path: string, body?: object, type = 'application/json') {
    return this.world.clock.hold(async () => {
      const asked = request({
        ...this.identity,
        port: this.port,
        path,
        method,
        agent: false,
        headers: { 'content-type': type },
      });
      asked.end(body === undefined ? undefined : JSON.stringify(body));
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      return { code: response.statusCode, body: await text(response) };
    });
  }

  async pods(namespace = 'default') {
    const { body } = await this.ask('GET', `/api/v1/namespaces/${namespace}/pods`);
    return v.parse(podsSchema, JSON.parse(body)).items;
  }

  make(plural: string, object: object, root = 'api/v1') {
    return this.ask('POST', `/${root}/namespaces/default/${plural}`, object);
  }

  /** Opens a remote command and gathers what it says. */
  remote(path: string): Promise<{ opened: true; said: Promise<string> }> {
    return this.world.clock.hold(async () => {
      const socket = new WebSocket(`wss://127.0.0.1:${this.port}${path}`, ['v5.channel.k8s.io'], this.identity);
      let said = '';
      socket.on(
        'message',
        (data: Buffer) => (said += data[0] === 1 || data[0] === 2 ? data.subarray(1).toString() : ''),
      );
      const closed = once(socket, 'close').then(() => said);
      await once(socket, 'open');
      return { opened: true, said: closed };
    });
  }

  async etcdctl(...words: string[]): Promise<string> {
    const query = ['etcdctl', ...words].map((w) => `command=${encodeURIComponent(w)}`).join('&');
    const pod = '/api/v1/namespaces/kube-system/pods/etcd-kubernetes-master/exec';
    return (await this.remote(`${pod}?${query}&stdout=true&stderr=true`)).said;
  }
}

const b = 'europe-west1-b';
const c = 'europe-west1-c';
const podOf = (image: string, args: readonly string[] = []) => ({ containers: [{ name: 'one', image, args }] });
const web = (replicas: number) => ({
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: podOf('nginx') },
  },
});

test('a container that ends is attached to until it ends, and its log stays', async (t) => {
  const small = await new Small(t, 'attach').begin([b]);
  await small.make('pods', {
    metadata: { name: 'hello' },
    spec: { ...podOf('busybox', ['echo', 'hello']), restartPolicy: 'Never' },
  });
  await small.world.clock.sleep(4_500);
  assert.equal((await small.pods())[0]?.status.phase, 'Running');
  const { said } = await small.remote('/api/v1/namespaces/default/pods/hello/attach?stdout=true');
  // A change of something else is not the container's end.
  await small.make('configmaps', { metadata: { name: 'c' } });
  await small.world.settled();
  assert.equal(await said, 'hello\n');
  assert.equal((await small.ask('GET', '/api/v1/namespaces/default/pods/hello/log')).body, 'hello\n');
  assert.equal((await small.pods())[0]?.status.phase, 'Succeeded');
});

test('no pod of a person runs on a master', async (t) => {
  const small = await new Small(t, 'taint').begin([]);
  await small.make('pods', { metadata: { name: 'web' }, spec: podOf('nginx') });
  await small.world.settled();
  assert.equal((await small.pods())[0]?.status.phase, 'Pending');
  small.world.startRole('kubernetes-minion-group-0abc', b, 'node');
  await small.world.settled();
  assert.equal((await small.pods())[0]?.status.phase, 'Running');
});

test('a cordoned node gets no new pods', async (t) => {
  const small = await new Small(t, 'cordon').begin([b]);
  const node = '/api/v1/nodes/kubernetes-minion-group-0abc';
  const type = 'application/strategic-merge-patch+json';
  assert.equal((await small.ask('PATCH', node, { spec: { unschedulable: true } }, type)).code, 200);
  await small.make('pods', { metadata: { name: 'web' }, spec: podOf('nginx') });
  await small.world.settled();
  assert.equal((await small.pods())[0]?.status.phase, 'Pending');
  await small.ask('PATCH', node, { spec: { unschedulable: null } }, type);
  await small.world.settled();
  assert.equal((await small.pods())[0]?.status.phase, 'Running');
});

test('an eviction that a budget forbids is answered with 429 and its cause, until there is a spare pod', async (t) => {
  const small = await new Small(t, 'budget').begin([b, c]);
  await small.make('deployments', web(1), 'apis/apps/v1');
  const budget = { metadata: { name: 'web' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } };
  await small.make('poddisruptionbudgets', budget, 'apis/policy/v1');
  await small.world.settled();
  const [pod] = await small.pods();
  const evict = () =>
    small.ask('POST', `/api/v1/namespaces/default/pods/${pod?.metadata.name}/eviction`, {
      metadata: { name: pod?.metadata.name },
    });
  const refused = await evict();
  assert.equal(refused.code, 429);
  assert.match(refused.body, /"reason":"TooManyRequests"/);
  assert.match(refused.body, /The disruption budget web needs 1 healthy pods and has 1 currently/);
  const scale = { spec: { replicas: 2 } };
  await small.ask('PATCH', '/apis/apps/v1/namespaces/default/deployments/web', scale, 'application/merge-patch+json');
  await small.world.settled();
  assert.equal((await evict()).code, 201);
  assert.equal((await evict()).code, 201, 'a pod that leaves already may leave');
  await small.world.settled();
  assert.deepEqual(
    (await small.pods()).map((p) => p.status.phase),
    ['Running', 'Running'],
  );
});

test('pods of a lost node are replaced after five minutes, not before, and linger until it speaks again', async (t) => {
  const small = await new Small(t, 'lost').begin([b, c]);
  await small.make('deployments', web(2), 'apis/apps/v1');
  await small.make('pods', {
    metadata: { name: 'alone' },
    spec: { ...podOf('nginx'), nodeName: 'kubernetes-minion-group-1abc' },
  });
  await small.world.settled();
  const key = `${c}/kubernetes-minion-group-1abc`;
  small.world.powerOff(key);
  await small.world.clock.sleep(290_000);
  assert.equal((await small.pods()).length, 3);
  await small.world.settled();
  const pods = await small.pods();
  assert.equal(pods.filter((p) => p.metadata.deletionTimestamp !== undefined).length, 2);
  const living = pods.filter((p) => p.metadata.deletionTimestamp === undefined);
  assert.deepEqual(
    living.map((p) => p.spec.nodeName),
    ['kubernetes-minion-group-0abc', 'kubernetes-minion-group-0abc'],
  );
  small.world.powerOn(key);
  await small.world.settled();
  assert.equal((await small.pods()).length, 2, 'the pod without an owner is gone for good');
});

test('wget finds a service by its names, only while it has a Ready endpoint and CoreDNS runs', async (t) => {
  const small = await new Small(t, 'wget').begin([b]);
  await small.make('services', {
    metadata: { name: 'nginx' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await small.make('pods', { metadata: { name: 'box' }, spec: podOf('busybox', ['sleep', '3600']) });
  await small.world.settled();
  const fetch = async (url: string): Promise<string> => {
    const query = ['wget', '-q', '-O-', url].map((w) => `command=${w}`).join('&');
    return (await small.remote(`/api/v1/namespaces/default/pods/box/exec?${query}&stdout=true&stderr=true`)).said;
  };
  assert.match(await fetch('http://nginx.default.svc.cluster.local'), /Connection refused/);
  await small.make('pods', { metadata: { name: 'web', labels: { app: 'web' } }, spec: podOf('nginx:1.29') });
  assert.match(await fetch('http://nginx'), /Connection refused/, 'not Ready yet');
  await small.world.settled();
  for (const name of ['nginx', 'nginx.default', 'nginx.default.svc.cluster.local'])
    assert.match(await fetch(`http://${name}`), /Welcome to nginx!/);
  assert.match(await fetch('http://nginx.other'), /bad address/);
  await small.ask(
    'PATCH',
    '/apis/apps/v1/namespaces/kube-system/deployments/coredns',
    { spec: { replicas: 0 } },
    'application/merge-patch+json',
  );
  await small.world.settled();
  assert.match(await fetch('http://nginx'), /bad address 'nginx'/);
});

test('an update from an older version is refused', async (t) => {
  const small = await new Small(t, 'versions').begin([]);
  const path = '/api/v1/namespaces/default/configmaps/c';
  const { body } = await small.make('configmaps', { metadata: { name: 'c' }, data: { n: '1' } });
  const first = JSON.parse(body) as object;
  assert.equal((await small.make('configmaps', { metadata: { name: 'c' } })).code, 409);
  assert.equal((await small.ask('PUT', path, { ...first, data: { n: '2' } })).code, 200);
  const late = await small.ask('PUT', path, { ...first, data: { n: '3' } });
  assert.deepEqual([late.code, late.body.includes('the object has been modified')], [409, true]);
  const patch = await small.ask(
    'PATCH',
    path,
    [{ op: 'replace', path: '/data/n', value: '4' }],
    'application/json-patch+json',
  );
  assert.match(patch.body, /"n":"4"/);
});

test('etcdctl adds a learner, refuses to promote what never started, and removes it', async (t) => {
  const small = await new Small(t, 'members').begin([]);
  const added = await small.etcdctl('member', 'add', 'm2', '--learner', '--peer-urls=https://10.10.0.99:2380');
  const id =
    /^Member ([0-9a-f]{16}) added as learner to cluster [0-9a-f]{16}\n\nETCD_NAME="m2"\n/.exec(added)?.[1] ?? '';
  assert.match(
    added,
    /ETCD_INITIAL_CLUSTER="kubernetes-master=https:\/\/10\.10\.0\.11:2380,m2=https:\/\/10\.10\.0\.99:2380"\n/,
  );
  assert.match(
    await small.etcdctl('member', 'list'),
    new RegExp(`${id}, unstarted, , https://10.10.0.99:2380, , true\n`),
  );
  assert.match(
    await small.etcdctl('member', 'promote', id),
    /\nError: etcdserver: can only promote a learner member which is in sync with leader\n$/,
  );
  assert.match(await small.etcdctl('member', 'remove', id), new RegExp(`^Member ${id} removed from cluster `));
  assert.match(await small.etcdctl('member', 'remove', id), /\nError: etcdserver: member not found\n$/);
  assert.match(await small.etcdctl('member', 'remove', 'xyz'), /expecting ID in Hex/);
});

test('move-leader wants the leader among its endpoints', async (t) => {
  const small = await new Small(t, 'move').begin([]);
  const key = small.world.startRole('kubernetes-master-x7k', c, 'replica');
  await small.world.settled();
  small.world.group.add(key);
  const list = await small.etcdctl('member', 'list');
  const idOf = (name: string): string => new RegExp(`^(\\w+), started, ${name},`, 'm').exec(list)?.[1] ?? '';
  const [first, second] = [idOf('kubernetes-master'), idOf('kubernetes-master-x7k')];
  const both = `--endpoints=${list
    .trim()
    .split('\n')
    .map((line) => line.split(', ')[4])
    .join(',')}`;
  assert.equal(await small.etcdctl('move-leader', second, both), `Leadership transferred from ${first} to ${second}\n`);
  assert.match(
    await small.etcdctl('move-leader', first),
    /^Error: no leader endpoint given at \[https:\/\/127\.0\.0\.1:2379\]\n$/,
  );
  assert.match(
    await small.etcdctl('endpoint', 'health', '--cluster'),
    /^(https:\S+ is healthy: successfully committed proposal: took = \S+\n){2}$/,
  );
});
