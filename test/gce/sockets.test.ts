import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { fromTransport } from '../../src/gce/errors.ts';

test('names real sockets that are refused or reset', async () => {
  const server = createServer((_, answer) => answer.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  const fail = () =>
    fetch(url).then(
      () => assert.fail('answered'),
      (e: unknown) => fromTransport('h', e),
    );
  assert.match((await fail()).message, /connection (reset|closed)/);
  server.close();
  await once(server, 'close');
  assert.match((await fail()).message, /connection refused/);
});
