import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import test from 'node:test';
import { emulated } from '../support/emulatedCloud.ts';
import { makeBalancer, makeMachines, zone } from '../support/emulatedWorld.ts';

const ask = (
  port: number,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<{ status: number; text: string; date: string }> =>
  new Promise((resolve, reject) => {
    const method = body === '' ? 'GET' : 'POST';
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          date: response.headers.date ?? '',
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });

const firstLine = async (port: number, target: string, secret?: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  const proof =
    secret === undefined ? '' : `Proxy-Authorization: Basic ${Buffer.from(`trizone:${secret}`).toString('base64')}\r\n`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${proof}\r\n`);
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return data.toString().split('\r\n')[0] ?? '';
};

const path = '/compute/v1/projects/demo/zones';

test('the socket wants the secret and a loopback name, and tells the time of leases', async (t) => {
  const cloud = emulated(t, {
    wall: {
      now: () => Date.UTC(2030, 0, 1),
      monotonic: () => 0,
      sleep: () => Promise.resolve(),
      hold: (work) => work(),
      leastDeadlineMs: 0,
    },
  });
  const { port, endpoint } = await cloud.emulator.listen();
  assert.equal(endpoint, `http://127.0.0.1:${port}`);
  const authorization = `Bearer ${cloud.emulator.secret}`;
  const none = await ask(port, path, {});
  assert.equal(none.status, 401);
  assert.match(none.text, /"authError"/);
  assert.equal((await ask(port, path, { authorization: 'Bearer wrong' })).status, 401);
  assert.equal((await ask(port, path, { authorization, host: 'evil.example' })).status, 403);
  assert.equal((await ask(port, path, { authorization, host: `localhost:${port}` })).status, 200);
  assert.equal((await ask(port, path, { authorization })).date, 'Tue, 01 Jan 2030 00:00:00 GMT');
});

test('a batch is answered part by part, under the ids of its parts', async (t) => {
  const cloud = emulated(t);
  const { port } = await cloud.emulator.listen();
  const part = (id: string, line: string, body = ''): string =>
    `--b\r\nContent-Type: application/http\r\nContent-ID: <x+${id}>\r\n\r\n${line} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${body}\r\n`;
  const body = `${part('0', `GET ${path}/europe-west1-b`)}${part('1', 'POST /compute/v1/projects/demo/global/networks', '{"name":"n","autoCreateSubnetworks":false}')}${part('2', `GET ${path}/none`)}--b--\r\n`;
  const headers = { authorization: `Bearer ${cloud.emulator.secret}`, 'content-type': 'multipart/mixed; boundary=b' };
  const { text } = await ask(port, '/batch/compute/v1', headers, body);
  assert.deepEqual(text.match(/Content-ID: .*|HTTP\/1\.1 \d+/g), [
    ...['Content-ID: <response-x+0>', 'HTTP/1.1 200', 'Content-ID: <response-x+1>', 'HTTP/1.1 200'],
    ...['Content-ID: <response-x+2>', 'HTTP/1.1 404'],
  ]);
  assert.equal((await cloud.ask('GET', 'global/networks/n')).status, 200);
});

test('CONNECT wants the secret and reaches what the load balancer picks, or nothing', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['m1']);
  const ip = await makeBalancer(cloud, ['m1']);
  const { port } = await cloud.emulator.listen();
  const { secret } = cloud.emulator;
  assert.equal(await firstLine(port, `${ip}:443`), 'HTTP/1.1 407 Proxy Authentication Required');
  assert.equal(await firstLine(port, `${ip}:443`, 'wrong'), 'HTTP/1.1 407 Proxy Authentication Required');
  assert.equal(await firstLine(port, `${ip}:443`, secret), 'HTTP/1.1 200 Connection Established');
  assert.equal(await firstLine(port, `${ip}:80`, secret), 'HTTP/1.1 504 Gateway Timeout');
  assert.equal(await firstLine(port, '34.1.2.3:443', secret), 'HTTP/1.1 504 Gateway Timeout');
  cloud.emulator.faults.set([{ match: { verb: 'connect' }, fault: { type: 'apiServerUnreachable', how: 'refused' } }]);
  assert.equal(await firstLine(port, `${ip}:443`, secret), 'HTTP/1.1 502 Bad Gateway');
  await cloud.do('POST', `${zone}/instances/m1/stop`);
  assert.equal(await firstLine(port, `${ip}:443`, secret), 'HTTP/1.1 504 Gateway Timeout');
});
