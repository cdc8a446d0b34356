import assert from 'node:assert/strict';
import test from 'node:test';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { operation, refusal, scripted } from './google.ts';

const requestId = '0b8f6f1c-5a5e-4d1f-a2d4-7e5c3b9a1d60';
const address = { kind: 'addresses', name: 'kubernetes-master-ip', region: 'europe-west1' } as const;
const region = 'https://www.googleapis.com/compute/v1/projects/demo/regions/europe-west1';

test('waits again as long as the operation is not done', async () => {
  const { cloud, asked } = await scripted((_, n) => operation(n < 5 ? 'RUNNING' : 'DONE', { region }));
  await cloud.compute.insert(address, {}, { requestId });
  assert.equal(asked.length, 5);
  assert.equal(asked[4]?.line, 'POST /compute/v1/projects/demo/regions/europe-west1/operations/operation-1-a/wait');
});

test('takes a status that it does not know as not done', async () => {
  const { cloud, asked } = await scripted((_, n) =>
    n < 3 ? { body: { name: 'operation-1-a', region } } : operation('DONE', { region }),
  );
  await cloud.compute.insert(address, {}, { requestId });
  assert.equal(asked.length, 3);
});

test('waits for a global operation at the global service', async () => {
  const { cloud, asked } = await scripted((_, n) => operation(n === 2 ? 'RUNNING' : 'DONE'));
  const firewall = await cloud.compute.own({ kind: 'firewalls', name: 'f' });
  await cloud.compute.remove(firewall, { requestId });
  assert.equal(asked[2]?.line, 'POST /compute/v1/projects/demo/global/operations/operation-1-a/wait');
});

test('fails when the operation is done with an error, with the zones that have capacity', async () => {
  const failed = {
    errors: [
      {
        code: 'ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS',
        message: 'no',
        errorDetails: [
          { errorInfo: { reason: 'resource_availability', metadatas: { zonesAvailable: 'europe-west1-c' } } },
        ],
      },
    ],
  };
  const { cloud } = await scripted(() => operation('DONE', { region, error: failed, httpErrorStatusCode: 503 }));
  await assert.rejects(cloud.compute.insert(address, {}, { requestId }), (e) => {
    assert.ok(OperatorError.is(e, 'stock-out'));
    assert.deepEqual(e.zonesAvailable, ['europe-west1-c']);
    return true;
  });
});

test('goes on waiting after an answer that got lost', async () => {
  const { cloud, asked } = await scripted((_, n) =>
    n === 2 ? refusal(503, 'backendError', 'try again') : operation(n === 1 ? 'RUNNING' : 'DONE', { region }),
  );
  await cloud.compute.insert(address, {}, { requestId });
  assert.equal(asked.length, 3);
});

test('an operation that never ends is left by the signal, and the error says that Google goes on', async () => {
  const stop = new AbortController();
  const { cloud, clock } = await scripted(async (a) => {
    if (a.line.endsWith('/wait')) await clockOf().sleep(120_000);
    return operation('RUNNING', { region });
  });
  const clockOf = () => clock;
  void clock.sleep(600_000).then(() => stop.abort(new OperatorError('timeout', 'Took too long: 600 s')));
  await assert.rejects(cloud.compute.insert(address, {}, { requestId, signal: stop.signal }), (e) => {
    assert.ok(OperatorError.is(e, 'timeout'));
    assert.equal(e.message, 'Took too long: 600 s; operation still running: operation-1-a');
    assert.match(e.remedy ?? '', /continue: trizone resume$/);
    assert.equal(e.outcomeUnknown, true);
    return true;
  });
});
