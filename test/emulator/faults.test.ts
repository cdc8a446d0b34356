import assert from 'node:assert/strict';
import test from 'node:test';
import { emulated, type EmulatedCloud } from '../support/emulatedCloud.ts';
import { zone } from '../support/emulatedWorld.ts';

const disk = (name: string): [string, string, object] => ['POST', `${zone}/disks`, { name }];
const exists = async (cloud: EmulatedCloud, name: string): Promise<boolean> =>
  (await cloud.ask('GET', `${zone}/disks/${name}`)).status === 200;

const isReset = (error: unknown): boolean =>
  error instanceof TypeError && (error.cause as { code?: string }).code === 'ECONNRESET';

test('a status is answered at the n-th match, as often as asked, with Retry-After', async (t) => {
  const cloud = emulated(t);
  const fault = { type: 'status', status: 503, reason: 'backendError', message: 'Try later', retryAfter: 7 };
  cloud.emulator.faults.set([{ match: { path: '/zones$' }, nth: 2, times: 2, fault }]);
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(await cloud.ask('GET', 'zones'));
  assert.deepEqual(
    answers.map((a) => a.status),
    [200, 503, 503, 200],
  );
  assert.equal(answers[1]?.headers.get('retry-after'), '7');
  assert.equal(answers[1].body.error?.errors?.[0]?.reason, 'backendError');
});

test('a rate limit is 403 rateLimitExceeded in the domain usageLimits', async (t) => {
  const cloud = emulated(t);
  const fault = { type: 'status', status: 403, reason: 'rateLimitExceeded', message: 'Quota exceeded' };
  cloud.emulator.faults.set([{ match: { verb: 'list' }, nth: 'every', fault }]);
  for (let i = 0; i < 3; i++) {
    const { status, body } = await cloud.ask('GET', 'zones');
    assert.equal(status, 403);
    assert.equal(body.error?.errors?.[0]?.domain, 'usageLimits');
  }
});

test('a reset before leaves no effect, a reset after has the effect and loses the answer', async (t) => {
  const cloud = emulated(t);
  cloud.emulator.faults.set([
    { match: { kind: 'disks', verb: 'insert', name: 'before' }, fault: 'resetBefore' },
    { match: { kind: 'disks', verb: 'insert', name: 'after' }, fault: 'resetAfter' },
  ]);
  await assert.rejects(cloud.ask(...disk('before')), isReset);
  assert.equal(await exists(cloud, 'before'), false);
  await assert.rejects(cloud.ask(...disk('after')), isReset);
  assert.equal(await exists(cloud, 'after'), true);
});

test('an operation can hang for ever, or fail with the error asked for', async (t) => {
  const cloud = emulated(t);
  cloud.emulator.faults.set([
    { match: { method: 'POST', kind: 'disks', name: 'hangs' }, fault: 'operationHangs' },
    {
      match: { kind: 'disks', name: 'fails' },
      fault: { type: 'operationError', code: 'CODE', message: 'text', httpStatus: 409 },
    },
    {
      match: { kind: 'disks', name: 'full' },
      fault: { type: 'quota', form: 'operation', metric: 'SSD_TOTAL_GB', limit: 10 },
    },
    {
      match: { kind: 'disks', name: 'none' },
      fault: { type: 'quota', form: 'request', metric: 'SSD_TOTAL_GB', limit: 10 },
    },
  ]);
  const hanging = await cloud.start(...disk('hangs'));
  await cloud.clock.sleep(3_600_000);
  assert.equal((await cloud.get<{ status: string }>(`${zone}/operations/${hanging.name}`)).status, 'RUNNING');
  const failed = await cloud.end(await cloud.start(...disk('fails')));
  assert.deepEqual(failed.error, { errors: [{ code: 'CODE', message: 'text' }] });
  assert.equal(failed.httpErrorMessage, 'CONFLICT');
  assert.equal((await cloud.end(await cloud.start(...disk('full')))).error?.errors[0]?.code, 'QUOTA_EXCEEDED');
  assert.equal((await cloud.ask(...disk('none'))).body.error?.errors?.[0]?.reason, 'quotaExceeded');
});

test('services beside Compute Engine can fail, too', async (t) => {
  const cloud = emulated(t);
  const fault = { type: 'status', status: 403, reason: 'forbidden', message: 'Permission denied' };
  cloud.emulator.faults.set([{ match: { kind: 'secrets', verb: 'create', name: 'demo' }, fault }]);
  const create = () => cloud.ask('POST', '/v1/projects/demo/secrets?secretId=s', { replication: { automatic: {} } });
  assert.equal((await create()).status, 403);
  assert.equal((await create()).status, 200);
});

test('the control endpoint takes a script, tells it, and refuses words that it does not know', async (t) => {
  const cloud = emulated(t);
  const script = [{ match: { kind: 'zones' }, fault: 'resetBefore' }];
  assert.equal((await cloud.ask('PUT', '/emulator/faults', script)).status, 200);
  assert.deepEqual((await cloud.ask('GET', '/emulator/faults')).body, script);
  await assert.rejects(cloud.ask('GET', 'zones'), isReset);
  for (const bad of [[{ match: {}, fault: 'explodes' }], [{ match: { kindd: 'x' }, fault: 'resetBefore' }], {}]) {
    assert.equal((await cloud.ask('PUT', '/emulator/faults', bad)).status, 400);
  }
});

test('a zone is DOWN as long as the rule stands, for whoever asks', async (t) => {
  const cloud = emulated(t);
  const status = async (name: string): Promise<string> => (await cloud.get<{ status: string }>(`zones/${name}`)).status;
  cloud.emulator.faults.set([{ match: { kind: 'zones', name: 'europe-west1-d' }, fault: 'zoneDown' }]);
  for (let i = 0; i < 2; i++) assert.equal(await status('europe-west1-d'), 'DOWN');
  assert.equal(await status('europe-west1-c'), 'UP');
  const { items } = await cloud.get<{ items: { name: string; status: string }[] }>('zones');
  assert.deepEqual(
    items.filter((z) => z.status === 'DOWN').map((z) => z.name),
    ['europe-west1-d'],
  );
  cloud.emulator.faults.set([]);
  assert.equal(await status('europe-west1-d'), 'UP');
});

test('a fault of a machine without its message is refused with the list of faults', (t) => {
  const { emulator } = emulated(t);
  assert.throws(() => emulator.faults.set([{ match: { kind: 'machines' }, fault: { type: 'machineFails' } }]), {
    code: 'invalid-input',
    remedy: /machineHangs, machineFails, zoneDown\.$/,
  });
});
