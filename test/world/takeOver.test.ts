import assert from 'node:assert/strict';
import test from 'node:test';
import { cloudWorld } from '../support/cloudWorld.ts';

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
