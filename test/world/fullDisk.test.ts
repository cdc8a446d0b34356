import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import test, { type TestContext } from 'node:test';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { cloudWorld } from '../support/cloudWorld.ts';

/** This computer's disk takes `room` writes more, then none, until it is freed. */
const fillDisk = (t: TestContext, room: number): { left: () => number; free: () => void } => {
  let left = room;
  const real = fs.writeSync;
  const bad = (...args: Parameters<typeof real>): number => {
    if (left-- > 0) return real(...args);
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  fs.writeSync = bad as typeof real;
  syncBuiltinESMExports();
  const free = (): void => {
    fs.writeSync = real;
    syncBuiltinESMExports();
  };
  t.after(free);
  return { left: () => left, free };
};

test('a disk that fills up ends the run with an error of its own, and resume goes on once there is room', async (t) => {
  for (const room of [3, 20, 45, 90, 140]) {
    await t.test(`room for ${room} writes`, async (each) => {
      const w = await cloudWorld(each, `full-${room}`);
      const p = await w.program();
      const planned = await w.planUp(p);
      const disk = fillDisk(each, room);
      const stopped = await w.apply(p, planned);
      disk.free();
      assert.ok(disk.left() < 0, 'the disk did not fill up');
      assert.equal(stopped.state, 'failed');
      const { error } = stopped;
      assert.ok(OperatorError.is(error, 'disk'), error?.message);
      assert.match(error.message, /: \/.*runs\/.*, no space left$/);
      assert.match(error.remedy ?? '', /trizone resume/);
      const again = await w.resume();
      assert.equal(again?.state, 'done', again?.error?.message);
      const [, more] = await w.planUp(await w.program());
      assert.equal(more.changes.length, 0);
    });
  }
});

test('a disk that is full from the beginning is found before anything of the cloud is changed', async (t) => {
  const w = await cloudWorld(t, 'full-at-once');
  const p = await w.program();
  const planned = await w.planUp(p);
  const before = w.resources();
  for (const room of [0, 1]) {
    const disk = fillDisk(t, room);
    await assert.rejects(w.apply(p, planned), (e: Error & { code?: string; remedy?: string }) => {
      assert.equal(e.code, 'disk');
      assert.match(e.message, /^Nothing was changed: .*, no space left$/);
      assert.match(e.remedy ?? '', /TRIZONE_STATE/);
      return true;
    });
    disk.free();
  }
  assert.deepEqual(w.resources(), before);
  assert.deepEqual(p.journals.list(), []);
  assert.equal((await w.up(p)).state, 'done');
});
