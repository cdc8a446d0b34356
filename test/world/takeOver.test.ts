import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import test from 'node:test';
import { cloudWorld } from '../support/cloudWorld.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

test('another computer takes over once the dead one’s lease has lapsed, not before and not unasked', async (t) => {
  for (const at of [12, 40, 70]) {
    await t.test(`killed at record ${at}`, async (each) => {
      const w = await cloudWorld(each, `take-over-${at}`);
      const victim = await w.program({ crashAt: at });
      await assert.rejects(w.up(victim), /killed/);
      const stranger = await w.program({ folder: `${w.folder}-other` });
      const [, plan] = await w.planUp(stranger);
      assert.equal(plan.refusals[0]?.code, 'leased');
      const before = w.clock.now();
      const taken = await w.takeOver();
      assert.equal(taken.error, undefined);
      assert.ok(w.clock.now() - before > 200_000, 'it did not wait for the lease to lapse');
      const [, again] = await w.planUp(await w.program());
      assert.equal(again.changes.length, 0);
    });
  }
});

test('a copy of the holder’s state folder is another computer: it takes nothing over at once, and the holder itself goes on', async (t) => {
  const w = await cloudWorld(t, 'copied-state');
  const victim = await w.program({ crashAt: 40 });
  await assert.rejects(w.up(victim), /killed/);
  w.bury();
  const folder = temporaryFolder(t);
  cpSync(w.folder, folder, { recursive: true });
  const [, plan] = await w.planUp(await w.program({ folder }));
  assert.equal(plan.refusals[0]?.code, 'leased');
  const resumed = await w.resume();
  assert.equal(resumed?.error, undefined);
  assert.equal(resumed?.state, 'done');
});
