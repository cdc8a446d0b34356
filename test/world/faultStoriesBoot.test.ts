import assert from 'node:assert/strict';
import test from 'node:test';
import { stepsOf } from '../../src/boot/steps.ts';
import { assertUnharmed, notInUse, resumed, small, strikes, told } from './stories.ts';
import { assertDone, assertWhole, replicate, zoneC } from './verbs.ts';

// After `serving` it votes and serves; what it fails to publish then, the others publish in its place.
for (const step of stepsOf('replica').filter((s) => s.id !== 'publish'))
  test(`a replica's startup script fails at ${step.id}: said at once, the other master serves, resume goes on`, async (t) => {
    const w = await small(t, `boot-${step.id}`);
    w.emulator.faults.set([strikes('kubernetes-master-...', step.id, 'no space left on device')]);
    const failed = await replicate(w, zoneC);
    assert.deepEqual(told(failed), [
      'boot-failed',
      `The machine reports that its boot failed: NAME: ${step.id}: no space left on device`,
      notInUse('NAME', zoneC),
    ]);
    assert.ok(failed.ms < 6 * 60_000, `told after ${failed.ms / 1000} s`);
    await assertUnharmed(w, ['kubernetes-master']);
    assertDone(await resumed(w));
    await assertWhole(w, 2, 1);
  });
