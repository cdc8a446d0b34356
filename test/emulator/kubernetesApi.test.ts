import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import test, { after, before } from 'node:test';
import * as v from 'valibot';
import { WebSocket, type ClientOptions } from 'ws';
import { parse } from 'yaml';
import { issue } from '../../src/emulator/guest/certificates.ts';
import { authorityOf } from '../../src/emulator/guest/credentials.ts';
import type { PkiFiles } from '../../src/emulator/guest/documents.ts';
import { systemIds } from '../../src/lib/ids.ts';
import { GuestWorld } from '../support/guestWorld.ts';

const master = 'europe-west1-b/kubernetes-master';
const kubeconfigSchema = v.object({
  clusters: v.tuple([
    v.object({ cluster: v.object({ server: v.string(), 'certificate-authority-data': v.string() }) }),
  ]),
  users: v.tuple([
    v.object({ user: v.object({ 'client-certificate-data': v.string(), 'client-key-data': v.string() }) }),
  ]),
});

const world = new GuestWorld('api');
let front: Awaited<ReturnType<GuestWorld['front']>>;

before(async () => {
  await world.cluster(['europe-west1-b', 'europe-west1-c']);
  front = await world.front();
});

after(() => {
  front.server.close();
  world.runtime.close?.();
});

const admin = (): RequestOptions => {
  const { clusters, users } = v.parse(kubeconfigSchema, parse(world.latest('kubernetes-admin')));
  const decode = (base64: string): string => Buffer.from(base64, 'base64').toString();
  return {
    ca: decode(clusters[0].cluster['certificate-authority-data']),
    cert: decode(users[0].user['client-certificate-data']),
    key: decode(users[0].user['client-key-data']),
  };
};

const anonymous = (): RequestOptions => ({ ca: admin().ca });

// The certificate must be good for the address that people use, so the server's name is checked against that.
const open = async (path: string, options: RequestOptions, body = ''): Promise<IncomingMessage> => {
  const asked = request({ host: '127.0.0.1', port: front.port, path, agent: false, ...options });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
};

const ask = async (
  path: string,
  options: RequestOptions = admin(),
): Promise<{ code: number | undefined; body: string }> => {
  const response = await open(path, options);
  return { code: response.statusCode, body: await text(response) };
};

const statusSchema = v.object({ kind: v.literal('Status'), code: v.number(), reason: v.string(), message: v.string() });
const listSchema = v.object({
  kind: v.string(),
  items: v.array(v.object({ metadata: v.object({ name: v.string() }) })),
});
const namesIn = (body: string): string[] => v.parse(listSchema, JSON.parse(body)).items.map((i) => i.metadata.name);

test('the admin credentials are for people: external address, a day, the group of cluster admins', () => {
  const { clusters } = v.parse(kubeconfigSchema, parse(world.latest('kubernetes-admin')));
  assert.equal(clusters[0].cluster.server, 'https://34.76.1.9');
});

test("the server's certificate is good for every address of the endpoint and for its own names", async () => {
  for (const servername of [
    '34.76.1.9',
    '10.10.0.10',
    '10.10.0.11',
    '127.0.0.1',
    'kubernetes.default.svc',
    'kubernetes-master',
  ]) {
    const socket = connect({
      host: '127.0.0.1',
      port: front.port,
      ca: admin().ca,
      checkServerIdentity: () => undefined,
    });
    await once(socket, 'secureConnect');
    assert.ok(socket.authorized);
    assert.ok(
      new RegExp(`(IP Address|DNS):${servername.replaceAll('.', '\\.')}(,|$)`).test(
        socket.getPeerCertificate().subjectaltname ?? '',
      ),
      servername,
    );
    socket.destroy();
  }
});

test('everybody may ask whether it is ready, and for its version; nothing else', async () => {
  assert.deepEqual(await ask('/readyz', anonymous()), { code: 200, body: 'ok' });
  assert.match((await ask('/readyz?verbose', anonymous())).body, /\[\+\]etcd ok\n[\s\S]*readyz check passed/);
  assert.equal((await ask('/version', anonymous())).code, 200);
  for (const path of ['/api', '/api/v1/nodes', '/api/v1/namespaces/kube-system/pods?watch=true']) {
    const { code, body } = await ask(path, anonymous());
    assert.deepEqual([code, v.parse(statusSchema, JSON.parse(body)).reason], [401, 'Unauthorized']);
  }
});

test('a certificate of another authority is nobody, one of another group is refused', async () => {
  const other = issue(systemIds, { commonName: 'evil', organization: 'system:masters', hours: 1, use: 'client' });
  assert.equal((await ask('/api/v1/nodes', { ...anonymous(), cert: other.certificate, key: other.key })).code, 401);
  const pki = world.load({ disk: 'zones/europe-west1-b/disks/kubernetes-master-pd' }, 'pki') as PkiFiles;
  const poor = issue(
    systemIds,
    { commonName: 'somebody', organization: 'people', hours: 1, use: 'client' },
    authorityOf(pki),
  );
  assert.equal((await ask('/api/v1/nodes', { ...anonymous(), cert: poor.certificate, key: poor.key })).code, 403);
});

test('lists obey label and field selectors', async () => {
  const pods = '/api/v1/namespaces/kube-system/pods';
  assert.deepEqual(namesIn((await ask(`${pods}?labelSelector=component%3Detcd`)).body), ['etcd-kubernetes-master']);
  assert.equal(namesIn((await ask(`${pods}?labelSelector=k8s-app+in+(kube-dns,kube-proxy)`)).body).length, 5);
  const onMaster = `${pods}?fieldSelector=spec.nodeName%3Dkubernetes-master,status.phase!%3DFailed&labelSelector=!component`;
  assert.ok(namesIn((await ask(onMaster)).body).every((name) => /^(kube-proxy|coredns)-/.test(name)));
  assert.deepEqual(namesIn((await ask('/api/v1/pods?labelSelector=a%3Db')).body), []);
  assert.equal((await ask(`${pods}?fieldSelector=spec.nothing%3Dx`)).code, 400);
  assert.equal((await ask(`${pods}?labelSelector=a%3D%3D%3D`)).code, 400);
});

test('what is not there and what is not served is said in the API’s own words', async () => {
  const missing = v.parse(statusSchema, JSON.parse((await ask('/api/v1/nodes/nope')).body));
  assert.deepEqual([missing.code, missing.message], [404, 'nodes "nope" not found']);
  assert.equal((await ask('/apis/batch/v1/jobs')).code, 404);
  assert.equal((await ask('/api/v1/endpoints', { ...admin(), method: 'DELETE' })).code, 405);
});

const versionSchema = v.object({ metadata: v.object({ resourceVersion: v.string() }) });
const eventSchema = v.object({ type: v.string(), object: v.object({ metadata: v.object({ name: v.string() }) }) });

test('a watch answers at once and tells of a new Node', async () => {
  const listed = v.parse(versionSchema, JSON.parse((await ask('/api/v1/nodes')).body)).metadata.resourceVersion;
  const response = await open(`/api/v1/nodes?watch=true&resourceVersion=${listed}`, admin());
  assert.equal(response.statusCode, 200);
  world.startRole('kubernetes-minion-group-9xyz', 'europe-west1-d', 'node');
  await world.settled();
  const [line] = (await once(response.setEncoding('utf8'), 'data')) as [string];
  const event = v.parse(eventSchema, JSON.parse(line.split('\n')[0] ?? ''));
  assert.deepEqual([event.type, event.object.metadata.name], ['ADDED', 'kubernetes-minion-group-9xyz']);
  response.destroy();
});

test(
  'a watch from an older version tells what was deleted since, and from a forgotten one that it is',
  { timeout: 30_000 },
  async () => {
    const configMaps = '/api/v1/namespaces/default/configmaps';
    const made = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'short' } });
    const headers = { 'content-type': 'application/json' };
    assert.equal((await open(configMaps, { ...admin(), method: 'POST', headers }, made)).statusCode, 201);
    const { resourceVersion } = v.parse(versionSchema, JSON.parse((await ask(configMaps)).body)).metadata;
    assert.equal((await open(`${configMaps}/short`, { ...admin(), method: 'DELETE' })).statusCode, 200);
    const first = async (since: string): Promise<unknown> => {
      const response = await open(`${configMaps}?watch=true&resourceVersion=${since}`, admin());
      const [line] = (await once(response.setEncoding('utf8'), 'data')) as [string];
      response.destroy();
      return JSON.parse(line);
    };
    const event = v.parse(eventSchema, await first(resourceVersion));
    assert.deepEqual([event.type, event.object.metadata.name], ['DELETED', 'short']);
    const refused = v.parse(v.object({ type: v.string(), object: statusSchema }), await first('999999'));
    assert.deepEqual([refused.type, refused.object.reason], ['ERROR', 'Expired']);
  },
);

const execSocket = (command: readonly string[], options: ClientOptions = {}): WebSocket => {
  const query = command.map((c) => `command=${encodeURIComponent(c)}`).join('&');
  const url = `wss://127.0.0.1:${front.port}/api/v1/namespaces/kube-system/pods/etcd-kubernetes-master/exec?${query}&stdout=true`;
  const { ca, cert, key } = admin();
  return new WebSocket(url, ['v5.channel.k8s.io'], { ca, cert, key, ...options });
};

const exec = async (...command: string[]): Promise<{ stdout: string; status: string }> => {
  const socket = execSocket(command);
  const said = { stdout: '', status: '' };
  socket.on('message', (data: Buffer) => {
    if (data[0] === 1) said.stdout += data.subarray(1).toString();
    if (data[0] === 3) said.status += data.subarray(1).toString();
  });
  await once(socket, 'close');
  return said;
};

test('etcdctl in the static pod lists the members with ids in hexadecimal', async () => {
  const { stdout, status } = await exec('etcdctl', '--endpoints=https://127.0.0.1:2379', 'member', 'list');
  assert.match(
    stdout,
    /^[0-9a-f]{16}, started, kubernetes-master, https:\/\/10\.10\.0\.11:2380, https:\/\/10\.10\.0\.11:2379, false\n$/,
  );
  assert.match(status, /"status":"Success"/);
  assert.equal((await exec('etcdctl', 'alarm', 'list')).stdout, '');
});

test('etcdctl tells who leads, in both formats', async () => {
  const { stdout } = await exec('etcdctl', 'endpoint', 'status', '--cluster');
  assert.equal(stdout.split(', ').length, 16);
  assert.deepEqual(stdout.split(', ').slice(8, 10), ['true', 'false']);
  const json = (await exec('etcdctl', 'endpoint', 'status', '--cluster', '-w', 'json')).stdout;
  const id = BigInt(`0x${stdout.split(', ')[1] ?? ''}`);
  assert.ok(json.includes(`"member_id":${id}`) && json.includes(`"leader":${id}`));
});

test('a command says nothing before its client is known to read', async () => {
  const socket = execSocket(['etcdctl', 'member', 'list'], { autoPong: false });
  const heard: string[] = [];
  socket.on('message', (data: Buffer) => heard.push(`channel ${data[0]}`));
  socket.on('ping', () => {
    heard.push('ping');
    socket.pong();
  });
  await once(socket, 'close');
  assert.deepEqual(heard, ['ping', 'channel 1', 'channel 3']);
});

test('another program in the pod, and another pod, are refused', async () => {
  assert.match((await exec('sh')).status, /"message":"127"/);
});

test('without quorum it is not ready and answers no list, but stays alive', async () => {
  const lonely = new GuestWorld('lonely');
  await lonely.cluster();
  lonely.startRole('kubernetes-master-x7k', 'europe-west1-c', 'replica');
  await lonely.settled();
  lonely.powerOff('europe-west1-c/kubernetes-master-x7k');
  assert.ok(!lonely.runtime.probe(master, { type: 'HTTPS', port: 443, path: '/readyz' }));
  assert.ok(lonely.runtime.probe(master, { type: 'HTTPS', port: 443, path: '/livez' }));
  lonely.runtime.close?.();
});

test('a machine that loses power ends its connections', async () => {
  const response = await open('/api/v1/nodes?watch=true', admin());
  const lost = assert.rejects(once(response, 'close'), { code: 'ECONNRESET' });
  world.powerOff(master);
  await lost;
  await assert.rejects(ask('/readyz', anonymous()));
});
