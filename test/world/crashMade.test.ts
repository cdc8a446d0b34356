import assert from 'node:assert/strict';
import test from 'node:test';
import { crashVerb, everyRecord, type Crash } from './crash.ts';
import { fill, kill, left } from './made.ts';

const crash = (isDead: boolean): Crash => ({
  prepare: async (w) => {
    await fill(w);
    if (isDead) await kill(w);
  },
  verb: async (w, p) => (await w.down(p)) ?? assert.fail(),
  again: (w) => w.down(),
  // Only the retained disk.
  check: (w) => {
    assert.match(left(w).join(), /^pvc-[-0-9a-f]{36}$/);
    return Promise.resolve();
  },
});

test('killed on the way, tear down finds the rest of what Kubernetes made; the API alive', (t) =>
  everyRecord(t, (each, at) => crashVerb(each, at, 'resume', crash(false)), 40, 29));

test('killed on the way, tear down finds the rest of what Kubernetes made; the API dead', (t) =>
  everyRecord(t, (each, at) => crashVerb(each, at, 'again without journals', crash(true)), 40, 11));
