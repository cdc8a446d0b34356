import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import type { GuestHost, GuestMachine } from '../../../src/emulator/guestRuntime.ts';
import { metadataServer } from './metadataServer.ts';

const machine = (forwardedIps: readonly string[]): GuestMachine =>
  ({
    key: 'm',
    name: 'm',
    zone: 'z',
    project: 'p',
    id: '1',
    internalIp: '127.0.0.1',
    aliasRanges: [],
    forwardedIps,
  }) as Partial<GuestMachine> as GuestMachine;

test('who waits for a change is told of it when it comes, not when the time is over', async (t) => {
  let now = machine([]);
  const host = { machines: () => [now], metadata: () => ({}) } as Partial<GuestHost> as GuestHost;
  const server = metadataServer({ host, forwardedIps: (m) => m.forwardedIps, token: () => '' }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/computeMetadata/v1/instance/network-interfaces/0/?recursive=true&wait_for_change=true&timeout_sec=3&last_etag=`;
  const ask = (etag: string): Promise<Response> => fetch(url + etag, { headers: { 'metadata-flavor': 'Google' } });
  const first = await ask('NONE');
  const waiting = ask(first.headers.get('etag') ?? '');
  await once(server, 'request');
  now = machine(['203.0.113.9']);
  assert.deepEqual(((await (await waiting).json()) as GuestMachine).forwardedIps, ['203.0.113.9']);
});
