import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32c } from '../../src/emulator/services/checksum.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { emulated, type EmulatedCloud } from '../support/emulatedCloud.ts';
import { makeMachines } from '../support/emulatedWorld.ts';

const secrets = '/v1/projects/demo/secrets';
const accounts = '/v1/projects/demo/serviceAccounts';
const email = 'tz-p-cp@demo.iam.gserviceaccount.com';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const makeSecret = (cloud: EmulatedCloud, id: string): Promise<unknown> =>
  cloud.ask('POST', `${secrets}?secretId=${id}`, {
    labels: { 'trizone-cluster': 'p' },
    replication: { automatic: {} },
  });

test('the checksum is Castagnoli, by its published check value', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
});

test('a secret: created once, versions added, read, destroyed, deleted', async (t) => {
  const cloud = emulated(t);
  await makeSecret(cloud, 'p-join');
  assert.equal((await cloud.ask('POST', `${secrets}?secretId=p-join`, { replication: { automatic: {} } })).status, 409);
  const latest = `${secrets}/p-join/versions/latest:access`;
  assert.equal((await cloud.ask('GET', latest)).status, 404);
  for (const text of ['one', 'two']) {
    const { status } = await cloud.ask('POST', `${secrets}/p-join:addVersion`, { payload: { data: base64(text) } });
    assert.equal(status, 200);
  }
  assert.equal((await cloud.get<{ payload: { data: string } }>(latest)).payload.data, base64('two'));
  const bad = { payload: { data: base64('x'), dataCrc32c: '1' } };
  assert.equal((await cloud.ask('POST', `${secrets}/p-join:addVersion`, bad)).status, 400);
  await cloud.ask('POST', `${secrets}/p-join/versions/1:destroy`, {});
  const versions = await cloud.get<{ versions: { state: string }[] }>(`${secrets}/p-join/versions`);
  assert.deepEqual(
    versions.versions.map((v) => v.state),
    ['ENABLED', 'DESTROYED'],
  );
  assert.equal((await cloud.ask('GET', `${secrets}/p-join/versions/1:access`)).status, 400);
  assert.deepEqual((await cloud.get<{ labels: object }>(`${secrets}/p-join`)).labels, { 'trizone-cluster': 'p' });
  await cloud.ask('DELETE', `${secrets}/p-join`);
  const gone = await cloud.ask('GET', `${secrets}/p-join`);
  assert.equal(gone.status, 404);
  assert.equal(gone.body.error?.status, 'NOT_FOUND');
});

test('what the services do not know is refused by its name', async (t) => {
  const cloud = emulated(t);
  const answer = await cloud.ask('POST', `${secrets}?secretId=s`, { replicatoin: {}, replication: { automatic: {} } });
  assert.equal(answer.status, 400);
  assert.match(answer.body.error?.message as unknown as string, /Unknown name "replicatoin"/);
  assert.equal((await cloud.ask('POST', accounts, { accountId: 'Bad' })).status, 400);
  assert.equal((await cloud.ask('GET', '/v1/projects/other/secrets')).status, 403);
});

test('a policy is changed by compare-and-set, for accounts that exist', async (t) => {
  const cloud = emulated(t);
  const member = `serviceAccount:${email}`;
  const set = (etag: string) =>
    cloud.ask('POST', '/v1/projects/demo:setIamPolicy', {
      policy: { etag, bindings: [{ role: 'roles/compute.viewer', members: [member] }] },
    });
  const read = () => cloud.ask('POST', '/v3/projects/demo:getIamPolicy', {});
  const before = (await read()).body.etag as unknown as string;
  assert.equal((await set(before)).status, 400);
  await cloud.ask('POST', accounts, {
    accountId: 'tz-p-cp',
    serviceAccount: { displayName: 'cp', description: '{"trizone":1}' },
  });
  assert.equal((await set(before)).status, 200);
  const stale = await set(before);
  assert.equal(stale.status, 409);
  assert.equal(stale.body.error?.status, 'ABORTED');
  const { uniqueId } = await cloud.get<{ uniqueId: string }>(`${accounts}/${email}`);
  await cloud.ask('DELETE', `${accounts}/${email}`);
  const { bindings } = (await read()).body as unknown as { bindings: { members: string[] }[] };
  assert.deepEqual(bindings[0]?.members, [`deleted:${member}?uid=${uniqueId}`]);
});

test('a machine reads and writes secrets by the roles of its account, within its scopes', async (t) => {
  const cloud = emulated(t);
  await cloud.ask('POST', accounts, { accountId: 'tz-p-cp' });
  await cloud.clock.sleep(10_000);
  await makeSecret(cloud, 's');
  const scopes = ['https://www.googleapis.com/auth/cloud-platform'];
  await makeMachines(cloud, ['m1'], { serviceAccounts: [{ email, scopes }] });
  await makeMachines(cloud, ['m2'], {
    serviceAccounts: [{ email, scopes: ['https://www.googleapis.com/auth/compute'] }],
  });
  const host = cloud.guests?.host;
  assert.ok(host);
  const denied = (work: () => unknown): void => assert.throws(work, (e) => OperatorError.is(e, 'permission'));
  const grant = (role: string) =>
    cloud.ask('POST', `${secrets}/s:setIamPolicy`, {
      policy: { bindings: [{ role, members: [`serviceAccount:${email}`] }] },
    });
  denied(() => host.secretPayload('europe-west1-b/m1', 's'));
  await grant('roles/secretmanager.secretVersionManager');
  denied(() => host.secretPayload('europe-west1-b/m1', 's'));
  for (const text of ['1', '2', '3']) host.addSecretVersion('europe-west1-b/m1', 's', text);
  host.destroyOldVersions('europe-west1-b/m1', 's', 1);
  await grant('roles/secretmanager.secretAccessor');
  assert.equal(host.secretPayload('europe-west1-b/m1', 's'), '3');
  denied(() => host.addSecretVersion('europe-west1-b/m1', 's', '4'));
  denied(() => host.secretPayload('europe-west1-b/m2', 's'));
  const { versions } = await cloud.get<{ versions: { state: string }[] }>(`${secrets}/s/versions`);
  assert.deepEqual(
    versions.map((v) => v.state),
    ['ENABLED', 'DESTROYED', 'DESTROYED'],
  );
});

test('service usage tells which APIs are on and switches them on', async (t) => {
  const cloud = emulated(t);
  const names = ['compute.googleapis.com', 'dns.googleapis.com'];
  const query = names.map((n) => `names=projects/demo/services/${n}`).join('&');
  const states = async () => {
    const { services } = await cloud.get<{ services: { state: string }[] }>(
      `/v1/projects/demo/services:batchGet?${query}`,
    );
    return services.map((s) => s.state);
  };
  assert.deepEqual(await states(), ['ENABLED', 'DISABLED']);
  const enabled = await cloud.ask('POST', '/v1/projects/demo/services/dns.googleapis.com:enable', {});
  assert.equal(enabled.body.done, true);
  assert.deepEqual(await states(), ['ENABLED', 'ENABLED']);
});
