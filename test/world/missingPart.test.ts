import assert from 'node:assert/strict';
import test from 'node:test';
import { articleWish } from '../support/cloudWorld.ts';
import { byHand } from './cloudErrors.ts';
import { resumed, small } from './stories.ts';
import { addPool, assertDone, assertWhole, zoneB } from './verbs.ts';

const rule = 'global/firewalls/kubernetes-iap-ssh';

test('what somebody deleted is not waited for: the run ends within two minutes and says how it is made again', async (t) => {
  const w = await small(t, 'missing-part');
  await byHand(w, 'DELETE', rule);
  const { error, ms } = await addPool(w, zoneB, { nodes: 1, pool: 'p' });
  assert.equal(
    error?.message,
    'Something of the cluster is missing, and time does not bring it back: kubernetes-iap-ssh is missing',
  );
  assert.match(error.remedy ?? '', /trizone up --cluster kubernetes/);
  assert.ok(ms < 6 * 60_000, `${ms / 1000} s, of which the pool takes about 200`);
  assertDone(await w.up(undefined, { ...articleWish, nodes: 1 }));
  assertDone(await resumed(w));
  await assertWhole(w, 1, 2);
});
