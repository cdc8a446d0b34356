import assert from 'node:assert/strict';
import test from 'node:test';
import { Limits } from '../../src/gce/limits.ts';
import { withRetry } from '../../src/gce/retry.ts';
import { seededIds } from '../../src/lib/ids.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { operation, refusal, scripted } from './google.ts';

const requestId = '0b8f6f1c-5a5e-4d1f-a2d4-7e5c3b9a1d60';
const network = { kind: 'networks', name: 'n' } as const;

test('repeats a mutation with the same request id after a lost answer', async () => {
  const { cloud, asked } = await scripted((_, n) => {
    if (n === 1) throw new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) });
    return operation('DONE');
  });
  await cloud.compute.insert(network, {}, { requestId });
  assert.deepEqual(
    asked.map((a) => a.query.get('requestId')),
    [requestId, requestId],
  );
});

test('waits as long as Retry-After asks and tells that it was asked to slow down', async () => {
  const { cloud, asked, notices } = await scripted((_, n) =>
    n === 1 ? { status: 429, raw: '', headers: { 'retry-after': '45' } } : { body: { name: 'n' } },
  );
  await cloud.compute.get(network);
  assert.equal((asked[1]?.at ?? 0) - (asked[0]?.at ?? 0), 45_000);
  assert.deepEqual(
    notices.map((n) => [n.error.code, n.attempt, n.delayMs]),
    [['rate-limit', 1, 45_000]],
  );
});

test('reads Retry-After as a date too', async () => {
  const { cloud, asked } = await scripted((_, n) =>
    n === 1
      ? { status: 503, raw: '', headers: { 'retry-after': new Date(Date.UTC(2026, 0, 1, 0, 1)).toUTCString() } }
      : { body: { name: 'n' } },
  );
  await cloud.compute.get(network);
  assert.equal((asked[1]?.at ?? 0) - (asked[0]?.at ?? 0), 60_000);
});

for (const [status, reason, tries] of [
  [503, 'backendError', 5],
  [429, 'rateLimitExceeded', 5],
  [403, 'forbidden', 1],
  [412, 'conditionNotMet', 1],
  [400, 'invalid', 1],
] as const) {
  test(`asks ${tries} times when the answer stays ${status} ${reason}`, async () => {
    const { cloud, asked } = await scripted(() => refusal(status, reason, 'no'));
    await assert.rejects(cloud.compute.get(network));
    assert.equal(asked.length, tries);
  });
}

test('waits for minutes while a resource is not ready, then gives up', async () => {
  const { cloud, asked, clock } = await scripted(() => refusal(400, 'resourceNotReady', 'not ready'));
  const start = clock.now();
  await assert.rejects(cloud.compute.get(network), (e) => OperatorError.is(e, 'not-ready'));
  assert.ok(asked.length > 5);
  assert.ok(clock.now() - start >= 180_000 && clock.now() - start < 240_000);
});

test('a request that never gets an answer ends', async () => {
  const { cloud, asked, clock } = await scripted(() => new Promise(() => undefined));
  const start = clock.now();
  await assert.rejects(cloud.compute.get(network), (e) => OperatorError.is(e, 'timeout') && e.outcomeUnknown);
  assert.equal(asked.length, 5);
  assert.ok(clock.now() - start < 30 * 60_000);
});

test('asks once more with a fresh sign-in after 401, no further', async () => {
  const { cloud, asked } = await scripted(() => refusal(401, 'authError', 'expired'));
  await assert.rejects(cloud.compute.get(network), (e) => OperatorError.is(e, 'not-signed-in'));
  assert.equal(asked.length, 2);
});

test('a creation without request id that got no answer counts what it then finds as its own', async () => {
  const { cloud, asked } = await scripted((_, n) =>
    n === 1 ? { status: 502, raw: '' } : refusal(409, 'alreadyExists', 'there'),
  );
  await cloud.services.createSecret('s', {});
  assert.equal(asked.length, 2);
  await assert.rejects(cloud.services.createSecret('s', {}), (e) => OperatorError.is(e, 'already-exists'));
});

test('cancelling ends the wait before a repetition', async () => {
  const stop = new AbortController();
  const { cloud } = await scripted(() => {
    stop.abort(new OperatorError('cancelled', 'Cancelled'));
    return { status: 503, raw: '' };
  });
  await assert.rejects(cloud.compute.insert(network, {}, { requestId, signal: stop.signal }), (e) =>
    OperatorError.is(e, 'cancelled'),
  );
});

test('asks a burst at once and then not faster than the rate', async () => {
  const clock = new VirtualClock();
  const limits = new Limits(clock);
  const start = clock.now();
  const times: number[] = [];
  const ask = () => limits.run(false, undefined, () => Promise.resolve(times.push(clock.now() - start)));
  await Promise.all(Array.from({ length: 105 }, ask));
  assert.equal(times.filter((t) => t === 0).length, 30);
  assert.ok(Math.abs((times.at(-1) ?? 0) - 5_000) < 1, String(times.at(-1)));
});

for (const [what, ms] of [
  ['set back', -3_600_000],
  ['set forward', 3_600_000],
] as const) {
  test(`a clock ${what} an hour changes neither rate nor back-off nor deadline`, async () => {
    const clock = new VirtualClock();
    const limits = new Limits(clock);
    const times: number[] = [];
    const ask = () => limits.run(false, undefined, () => Promise.resolve(times.push(clock.monotonic())));
    const start = clock.monotonic();
    await Promise.all(Array.from({ length: 45 }, ask));
    clock.shift(ms);
    await Promise.all(Array.from({ length: 45 }, ask));
    const last = (times.at(-1) ?? 0) - start;
    assert.ok(last > 3_900 && last < 4_100, String(last));
    const busy = new OperatorError('not-ready', 'being made', { retry: 'soon' });
    const begun = clock.monotonic();
    const failing = withRetry({ clock, ids: seededIds('shift') }, undefined, (attempt) => {
      if (attempt === 2) clock.shift(ms);
      return Promise.reject(busy);
    });
    await assert.rejects(failing, busy);
    const tried = clock.monotonic() - begun;
    assert.ok(tried >= 180_000 && tried < 215_000, String(tried));
  });
}

test('keeps at most sixteen requests in flight, long polls apart', async () => {
  const clock = new VirtualClock();
  const limits = new Limits(clock);
  let now = 0;
  let most = 0;
  const busy = async (): Promise<void> => {
    most = Math.max(most, ++now);
    await clock.sleep(60_000);
    now--;
  };
  const polls = Array.from({ length: 20 }, () => limits.run(true, undefined, () => clock.sleep(600_000)));
  await Promise.all(Array.from({ length: 40 }, () => limits.run(false, undefined, busy)));
  assert.equal(most, 16);
  await Promise.all(polls);
});
