import assert from 'node:assert/strict';
import test from 'node:test';
import { stepsOf } from '../../src/boot/steps.ts';
import { articleWish, cloudWorld } from '../support/cloudWorld.ts';
import { assertUnharmed, consoleOf, notInUse, resumed, small, strikes, told, undo } from './stories.ts';
import { addPool, assertDone, assertWhole, zoneB, zoneC } from './verbs.ts';

const first = 'kubernetes-master';
const wish = { ...articleWish, nodes: 1 };

for (const step of stepsOf('first'))
  test(`the first master's startup script fails at ${step.id}: said at once, and resume makes the cluster`, async (t) => {
    const w = await cloudWorld(t, `up-${step.id}`);
    const before = w.resources();
    w.emulator.faults.set([strikes(first, step.id, 'no space left on device')]);
    const failed = await w.up(undefined, wish);
    assert.deepEqual(told(failed), [
      'boot-failed',
      `The machine reports that its boot failed: ${first}: ${step.id}: no space left on device`,
      notInUse(first, zoneB),
    ]);
    assert.ok(failed.ms < 8 * 60_000, `told after ${failed.ms / 1000} s`);
    if (step.id === 'init') {
      assertDone(await undo(w, 'up'));
      assert.deepEqual(w.resources(), before);
      return;
    }
    assertDone(await resumed(w));
    await assertWhole(w, 1, 1);
  });

// The others go on by themselves; how many are Ready when it is told depends on their speed.
for (const step of ['packages', 'join-node'])
  test(`a node's startup script fails at ${step}: said long before the deadline, resume restarts it, undo removes the pool`, async (t) => {
    const w = await small(t, `node-${step}`);
    w.emulator.faults.set([strikes('kubernetes-minion-group-....', step, 'no space left on device', { nth: 2 })]);
    const failed = await addPool(w, zoneC, { nodes: 3 });
    assert.deepEqual(
      told(failed).map((text) => text?.replace(/^[0-2]\//, 'K/')),
      [
        'boot-failed',
        `K/3 Ready. A machine of the pool reports that its boot failed: kubernetes-minion-group-XXXX: ${step}: no space left on device`,
        `Resume starts it anew. ${consoleOf('kubernetes-minion-group-XXXX', zoneC)}`,
      ],
    );
    assert.ok(failed.ms < 6 * 60_000, `told after ${failed.ms / 1000} s`);
    await assertUnharmed(w, [first]);
    if (step === 'packages') {
      assertDone(await undo(w, 'pool-add'));
      await assertWhole(w, 1, 1);
      return;
    }
    assertDone(await resumed(w));
    await assertWhole(w, 1, 4);
  });
