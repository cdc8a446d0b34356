import assert from 'node:assert/strict';
import test from 'node:test';
import { cloudWorld } from '../support/cloudWorld.ts';
import { assertDone } from './verbs.ts';

/** The records that an undisturbed run of the same seed writes. */
const recordsOfUp = async (t: Parameters<typeof cloudWorld>[0]): Promise<string[]> => {
  const w = await cloudWorld(t);
  const p = await w.program();
  assert.equal((await w.up(p)).error, undefined);
  return (p.journals.list()[0]?.records ?? []).map((r) => ('step' in r ? `${r.type} ${r.step}` : r.type));
};

test('a boot that failed while nobody looked is started anew by a resume, hours later', async (t) => {
  // Killed between the machine and its registration: the master waits for an endpoint that never leads to it, and gives up.
  const crashAt = (await recordsOfUp(t)).indexOf('intent register:kubernetes-master');
  const w = await cloudWorld(t);
  await assert.rejects(w.up(await w.program({ crashAt, seed: 'program-0' })), /killed/);
  w.bury();
  await w.clock.sleep(3_600_000);
  const machine = '/compute/v1/projects/demo-project/zones/europe-west1-b/instances/kubernetes-master';
  const attributes = await w.request('GET', `${machine}/getGuestAttributes?queryPath=trizone/`);
  assert.match(JSON.stringify(attributes), /"key":"error"/, 'the boot was to have failed by now');
  const p = await w.program();
  const resumed = await w.resume(p);
  assertDone(resumed);
  assert.ok(p.events.some((e) => e.type === 'started' && e.step === 'boot:kubernetes-master' && e.do === 'update'));
});
