import assert from 'node:assert/strict';
import test from 'node:test';
import { newPki, packPki } from '../../src/emulator/guest/credentials.ts';
import { seededIds } from '../../src/lib/ids.ts';
import type { CloudWorld } from '../support/cloudWorld.ts';
import { assertUnharmed, notInUse, resumed, small, told } from './stories.ts';
import { assertDone, assertWhole, replicate, statusOf, zoneC } from './verbs.ts';

const secret = '/v1/projects/demo-project/secrets/kubernetes-pki';
const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** A person overwrites the secret with the authorities of another cluster, and later adds the right ones again. */
const overwritten = async (w: CloudWorld, uid: string, why: string): Promise<void> => {
  const { payload } = await w.request('GET', `${secret}/versions/latest:access`);
  const other = encoded(packPki(uid, newPki(seededIds('other'))));
  await w.request('POST', `${secret}:addVersion`, { payload: { data: other } });
  const failed = await replicate(w, zoneC);
  assert.deepEqual(told(failed), [
    'boot-failed',
    `The instance reported a failed boot: NAME: ${why}`,
    notInUse('NAME', zoneC),
  ]);
  assert.ok(failed.ms < 6 * 60_000, `told after ${failed.ms / 1000} s`);
  await assertUnharmed(w, ['kubernetes-master']);
  assert.equal((await statusOf(w)).masters.find((m) => m.zone === zoneC)?.etcd, 'none');
  await w.request('POST', `${secret}:addVersion`, { payload });
  assertDone(await resumed(w));
  await assertWhole(w, 2, 1);
};

test('the authorities in the secret are another cluster’s: refused at once, resume goes on when they are right', async (t) => {
  await overwritten(await small(t, 'pki-other'), 'other', 'pki: the secret kubernetes-pki belongs to another cluster');
});

test('the authorities in the secret only claim to be the cluster’s: a replica sees it before anything of it is in etcd', async (t) => {
  const w = await small(t, 'pki-wrong');
  const why =
    'join-master: reading the join secret: the CA in kubernetes-pki does not match the cluster CA in kubernetes-join';
  await overwritten(w, (await statusOf(w)).uid, why);
});
