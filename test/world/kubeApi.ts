import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import * as v from 'valibot';
import { parse } from 'yaml';
import type { Clock } from '../../src/lib/clock.ts';
import type { CloudWorld } from '../support/cloudWorld.ts';

const secretSchema = v.object({ payload: v.object({ data: v.string() }) });
const data = v.pipe(
  v.string(),
  v.transform((base64) => Buffer.from(base64, 'base64').toString()),
);
const kubeconfigSchema = v.object({
  clusters: v.tuple([v.object({ cluster: v.object({ 'certificate-authority-data': data, server: v.string() }) })]),
  users: v.tuple([v.object({ user: v.object({ 'client-certificate-data': data, 'client-key-data': data }) })]),
});

/** A request to the cluster's API as kubectl makes it: admin kubeconfig, through the emulator's proxy; time stands still. */
export const kubectl = async (w: CloudWorld, method: string, path: string, body?: object): Promise<unknown> => {
  const secret = await w.request('GET', '/v1/projects/demo-project/secrets/kubernetes-admin/versions/latest:access');
  const config = Buffer.from(v.parse(secretSchema, secret).payload.data, 'base64').toString();
  return askCluster({ config, endpoint: w.endpoint, secret: w.emulator.secret, clock: w.clock }, method, path, body);
};

/** How a cluster's API is reached: by a kubeconfig, through an emulator's proxy, while this clock stands still. */
export interface Reached {
  readonly config: string;
  readonly endpoint: string;
  readonly secret: string;
  readonly clock: Clock;
}

/** A request to a cluster's API; any status but 2xx fails. */
export const askCluster = async (
  { config, endpoint, secret, clock }: Reached,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> => {
  const { clusters, users } = v.parse(kubeconfigSchema, parse(config));
  const [{ cluster }] = clusters;
  const [{ user }] = users;
  const { hostname } = new URL(cluster.server);
  return clock.hold(async () => {
    const authorization = `Basic ${Buffer.from(`trizone:${secret}`).toString('base64')}`;
    const headers = { 'proxy-authorization': authorization };
    const tunnel = request(endpoint, { method: 'CONNECT', path: `${hostname}:443`, headers }).end();
    const [, socket] = (await once(tunnel, 'connect')) as [unknown, Socket];
    const [ca, cert, key] = [
      cluster['certificate-authority-data'],
      user['client-certificate-data'],
      user['client-key-data'],
    ];
    const secure = connect({ socket, host: hostname, ca, cert, key });
    await once(secure, 'secureConnect');
    const asked = request({
      method,
      path,
      createConnection: () => secure,
      headers: { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const said = await text(answer);
    secure.destroy();
    assert.ok((answer.statusCode ?? 500) < 300, said);
    return JSON.parse(said) as unknown;
  });
};
