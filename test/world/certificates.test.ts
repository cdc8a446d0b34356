import assert from 'node:assert/strict';
import test from 'node:test';
import type { Check } from '../../src/steps/checks.ts';
import type { CloudWorld } from '../support/cloudWorld.ts';
import { kubectl } from './kubeApi.ts';
import { small } from './stories.ts';
import { checksOf, statusOf } from './verbs.ts';

const day = 86_400_000;
const remedy = '`sudo kubeadm certs renew all` there, then reset the machine';

const certificates = async (w: CloudWorld): Promise<Pick<Check, 'ok' | 'evidence'> | undefined> => {
  const found = (await checksOf(w, await statusOf(w))).find((c) => c.id === 'certificates');
  return found && { ok: found.ok, evidence: found.evidence };
};

test('a master whose certificates end within 30 days is found, with what to do; so is one that does not say when', async (t) => {
  const w = await small(t, 'certificates');
  assert.equal((await certificates(w))?.ok, true);
  const say = async (end: string) => {
    const annotations = { 'trizone/certificates-end': end };
    await kubectl(w, 'PATCH', '/api/v1/nodes/kubernetes-master', { metadata: { annotations } });
    return certificates(w);
  };
  const after = (days: number): string => new Date(w.clock.now() + (days + 0.5) * day).toISOString();
  assert.deepEqual(await say(after(30)), { ok: true, evidence: "masters' certificates valid for 30 days" });
  const soon = { ok: false, evidence: `certificates of kubernetes-master end in 29 days: ${remedy}` };
  assert.deepEqual(await say(after(29)), soon);
  const over = { ok: false, evidence: `certificates of kubernetes-master have ended: ${remedy}` };
  assert.deepEqual(await say(after(-1)), over);
  const silent = { ok: false, evidence: 'kubernetes-master has not said when its certificates end' };
  assert.deepEqual(await say('soon'), silent);
});
