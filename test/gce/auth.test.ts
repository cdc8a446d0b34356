import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { defaultSignIn } from '../../src/gce/auth.ts';
import { connectCloud } from '../../src/gce/connect.ts';
import { seededIds } from '../../src/lib/ids.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';

process.env.METADATA_SERVER_DETECTION = 'none'; // or the library looks for a machine's own account on the network
delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
delete process.env.CLOUDSDK_CONFIG;

/** Application Default Credentials (workload identity) whose tokens come from a server of the test: `token-1`, `token-2` … */
const credentials = async (t: TestContext, refusal?: { status: number; body: string }): Promise<() => void> => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-'));
  let tokens = 0;
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json');
    if (refusal !== undefined) {
      answer.statusCode = refusal.status;
      answer.end(refusal.body);
      return;
    }
    const issued = 'urn:ietf:params:oauth:token-type:access_token';
    const token = {
      access_token: `token-${++tokens}`,
      issued_token_type: issued,
      token_type: 'Bearer',
      expires_in: 3600,
    };
    answer.end(JSON.stringify(token));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  t.after(() => {
    stop();
    rmSync(folder, { recursive: true });
    delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
  });
  writeFileSync(join(folder, 'subject'), 'x');
  const file = join(folder, 'adc.json');
  const adc = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    credential_source: { file: join(folder, 'subject') },
  };
  writeFileSync(file, JSON.stringify(adc));
  process.env.GOOGLE_APPLICATION_CREDENTIALS = file;
  return stop;
};

const google = async (reply: (authorization: string) => Response) => {
  const seen: string[] = [];
  const clock = new VirtualClock();
  const cloud = await connectCloud({
    project: 'demo',
    clock,
    ids: seededIds('auth'),
    fetch: (url, { headers }) => {
      seen.push(`${new URL(url).host} ${headers.authorization ?? ''}`);
      return Promise.resolve(reply(headers.authorization ?? ''));
    },
  });
  return { cloud, seen };
};
const zone = { kind: 'zones', name: 'europe-west1-b' } as const;

test('signs with the Application Default Credentials, at the host of each service', async (t) => {
  await credentials(t);
  const { cloud, seen } = await google(() => Response.json({ name: 'europe-west1-b', email: 'e', bindings: [] }));
  await cloud.compute.get(zone);
  await cloud.services.serviceAccount('x');
  await cloud.services.projectPolicy();
  assert.deepEqual(seen, [
    'compute.googleapis.com Bearer token-1',
    'iam.googleapis.com Bearer token-1',
    'cloudresourcemanager.googleapis.com Bearer token-1',
  ]);
});

test('reads the credentials anew after a 401', async (t) => {
  await credentials(t);
  const { cloud, seen } = await google((authorization) =>
    authorization === 'Bearer token-1'
      ? Response.json({ error: { message: 'expired' } }, { status: 401 })
      : Response.json({ name: 'europe-west1-b' }),
  );
  await cloud.compute.get(zone);
  assert.deepEqual(seen, ['compute.googleapis.com Bearer token-1', 'compute.googleapis.com Bearer token-2']);
});

test('a sign-in service that cannot be reached is no missing sign-in', async (t) => {
  const stop = await credentials(t);
  stop();
  const { cloud } = await google(() => Response.json({}));
  await assert.rejects(
    cloud.compute.get(zone),
    (e) => OperatorError.is(e, 'unavailable') && e.message.includes('refused'),
  );
});

test('without credentials it says how to sign in, and sends nothing', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'trizone-'));
  const before = process.env.HOME;
  t.after(() => {
    rmSync(home, { recursive: true });
    process.env.HOME = before;
  });
  process.env.HOME = home;
  const { cloud, seen } = await google(() => Response.json({}));
  await assert.rejects(
    cloud.compute.get(zone),
    (e) => OperatorError.is(e, 'not-signed-in') && e.remedy === 'Sign in: gcloud auth application-default login',
  );
  assert.deepEqual(seen, []);
});

const oauth = (error: string): string => JSON.stringify({ error, error_description: 'x' });
for (const [status, body, code, retry] of [
  [429, '{}', 'rate-limit', 'soon'],
  [500, 'oops', 'unavailable', 'soon'],
  [503, oauth('temporarily_unavailable'), 'unavailable', 'soon'],
  [520, '', 'unavailable', 'soon'],
  [403, oauth('access_denied'), 'permission', 'never'],
  [400, oauth('invalid_grant'), 'not-signed-in', 'never'],
  [401, oauth('invalid_client'), 'not-signed-in', 'never'],
] as const)
  test(`a token endpoint that answers ${status}: ${code}, ${retry}`, async (t) => {
    await credentials(t, { status, body });
    const signIn = defaultSignIn('demo');
    await assert.rejects(signIn.headers(false), (e) => {
      assert.ok(OperatorError.is(e), String(e));
      assert.deepEqual([e.code, e.retry], [code, retry], e.message);
      return true;
    });
  });

test('a session that has ended wants a new sign-in, whatever the status says', async (t) => {
  await credentials(t, { status: 403, body: oauth('invalid_rapt') });
  await assert.rejects(defaultSignIn('demo').headers(false), {
    code: 'not-signed-in',
    message: 'The Google sign-in has expired',
  });
});

test('a sign-in service behind a network error that nobody has listed is no missing sign-in either', async (t) => {
  await credentials(t);
  const file = process.env.GOOGLE_APPLICATION_CREDENTIALS ?? '';
  writeFileSync(file, readFileSync(file, 'utf8').replace('http://127', 'https://127')); // it speaks no TLS
  await assert.rejects(
    defaultSignIn('demo').headers(false),
    (e) => OperatorError.is(e, 'unavailable') && e.retry === 'soon',
  );
});
