import assert from 'node:assert/strict';
import test from 'node:test';
import { cloudWorld } from '../support/cloudWorld.ts';

test('up makes the article’s first cluster, a second up changes nothing, down leaves nothing', async (t) => {
  const w = await cloudWorld(t);
  const before = w.resources();
  const p = await w.program();
  const made = await w.up(p);
  assert.equal(made.error, undefined);
  const [, again] = await w.planUp(await w.program());
  assert.deepEqual(again.refusals, []);
  assert.deepEqual(
    again.changes.map((c) => c.step.id),
    [],
  );
  const gone = await w.down();
  assert.equal(gone?.error, undefined);
  assert.deepEqual(w.resources(), before);
  assert.equal(await w.down(), undefined);
});
