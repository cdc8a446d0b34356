import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { findProject } from '../../src/gce/project.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { refusal, scripted } from './google.ts';

test('reads the payload of the latest version of a secret, and undefined while there is none', async () => {
  const { cloud, asked } = await scripted((_, n) => {
    if (n === 1) return { body: { payload: { data: Buffer.from('abcdef.0123').toString('base64') } } };
    if (n === 2) return refusal(404, 'notFound', 'Secret [s] not found or has no versions.');
    return { status: 400, body: { error: { status: 'FAILED_PRECONDITION', message: 'DESTROYED' } } };
  });
  assert.equal(await cloud.services.secretPayload('s'), 'abcdef.0123');
  assert.equal(await cloud.services.secretPayload('s'), undefined);
  assert.equal(await cloud.services.secretPayload('s'), undefined);
  assert.equal(asked[0]?.line, 'GET /v1/projects/demo/secrets/s/versions/latest:access');
});

test('makes a secret with its labels in the same call', async () => {
  const { cloud, asked } = await scripted(() => ({ body: { name: 'projects/1/secrets/s' } }));
  await cloud.services.createSecret('s', { a: 'b' });
  assert.equal(asked[0]?.line, 'POST /v1/projects/demo/secrets');
  assert.equal(asked[0].query.get('secretId'), 's');
  assert.deepEqual(asked[0].body, { replication: { automatic: {} }, labels: { a: 'b' } });
});

test('reads all pages of the secrets, with bare names', async () => {
  const { cloud } = await scripted((a) =>
    a.query.get('pageToken') === null
      ? { body: { secrets: [{ name: 'projects/1/secrets/a' }], nextPageToken: 't' } }
      : { body: { secrets: [{ name: 'projects/1/secrets/b', labels: { x: 'y' } }] } },
  );
  assert.deepEqual(await cloud.services.secrets(), [
    { name: 'a', labels: {} },
    { name: 'b', labels: { x: 'y' } },
  ]);
});

test('gives the conditions of a policy back as they were, with the etag', async () => {
  const condition = { title: 'until', expression: 'request.time < timestamp("2030-01-01T00:00:00Z")' };
  const bindings = [
    { role: 'roles/viewer', members: ['user:a@example.com'], condition },
    { role: 'roles/owner', members: ['user:b@example.com'] },
  ];
  const { cloud, asked } = await scripted(() => ({ body: { version: 3, etag: 'BwX=', bindings } }));
  await cloud.services.setProjectPolicy(await cloud.services.projectPolicy());
  assert.deepEqual(asked[0]?.body, { options: { requestedPolicyVersion: 3 } });
  assert.equal(asked[1]?.line, 'POST /v3/projects/demo:setIamPolicy');
  assert.deepEqual(asked[1].body, { policy: { version: 3, etag: 'BwX=', bindings } });
});

test('fails with a conflict when the policy changed meanwhile', async () => {
  const { cloud } = await scripted(() => ({
    status: 409,
    body: { error: { code: 409, status: 'ABORTED', message: 'There were concurrent policy changes.' } },
  }));
  await assert.rejects(cloud.services.setProjectPolicy({ etag: 'x', bindings: [] }), (e) =>
    OperatorError.is(e, 'conflict'),
  );
});

test('finds a service account by its id, and undefined where there is none', async () => {
  const { cloud, asked } = await scripted((_, n) =>
    n === 1
      ? { body: { email: 'tz@demo.iam.gserviceaccount.com', description: 'd', uniqueId: '1' } }
      : refusal(404, 'notFound', 'Service account tz@demo.iam.gserviceaccount.com does not exist.'),
  );
  assert.deepEqual(await cloud.services.serviceAccount('tz'), {
    email: 'tz@demo.iam.gserviceaccount.com',
    description: 'd',
  });
  assert.equal(await cloud.services.serviceAccount('tz'), undefined);
  assert.equal(asked[0]?.line, 'GET /v1/projects/demo/serviceAccounts/tz@demo.iam.gserviceaccount.com');
});

test('asks which APIs are enabled in one call', async () => {
  const { cloud, asked } = await scripted(() => ({
    body: {
      services: [
        { name: 'projects/1/services/compute.googleapis.com', state: 'ENABLED' },
        { name: 'projects/1/services/iam.googleapis.com', state: 'DISABLED' },
      ],
    },
  }));
  const wanted = ['compute.googleapis.com', 'iam.googleapis.com'];
  assert.deepEqual(await cloud.services.enabledServices(wanted), ['compute.googleapis.com']);
  assert.deepEqual(asked[0]?.query.getAll('names'), [
    'projects/demo/services/compute.googleapis.com',
    'projects/demo/services/iam.googleapis.com',
  ]);
});

test('an answer that is not understood says where', async () => {
  const { cloud } = await scripted(() => ({ body: { email: 7 } }));
  await assert.rejects(cloud.services.serviceAccount('x'), /Unexpected response: iam .*, email:/);
});

test('finds the project as gcloud does: environment, active configuration, credentials', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const env = { CLOUDSDK_CONFIG: folder };
  assert.equal(findProject(env, 'linux'), undefined);
  writeFileSync(join(folder, 'application_default_credentials.json'), '{"quota_project_id": "quota"}');
  assert.equal(findProject(env, 'linux'), 'quota');
  mkdirSync(join(folder, 'configurations'));
  writeFileSync(
    join(folder, 'configurations', 'config_default'),
    '[compute]\nproject = wrong\n[core]\nproject = usual\n',
  );
  writeFileSync(join(folder, 'configurations', 'config_work'), '[core]\naccount = a\nproject=work\n');
  assert.equal(findProject(env, 'linux'), 'usual');
  writeFileSync(join(folder, 'active_config'), 'work\n');
  assert.equal(findProject(env, 'linux'), 'work');
  assert.equal(findProject({ ...env, CLOUDSDK_CORE_PROJECT: 'core' }, 'linux'), 'core');
  assert.equal(findProject({ ...env, CLOUDSDK_CORE_PROJECT: 'core', GOOGLE_CLOUD_PROJECT: 'g' }, 'linux'), 'g');
});
