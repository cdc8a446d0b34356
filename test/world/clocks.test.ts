import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Clock } from '../../src/lib/clock.ts';
import { cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';

const hour = 3_600_000;

/** A computer whose clock a person sets; the cloud and its machines have theirs. */
const computer = (w: CloudWorld) => {
  let set = 0;
  const clock: Clock = {
    now: () => w.clock.now() + set,
    monotonic: () => w.clock.monotonic(),
    sleep: (ms, signal) => w.clock.sleep(ms, signal),
    hold: (work) => w.clock.hold(work),
    leastDeadlineMs: 0,
  };
  return { clock, shift: (ms: number) => (set += ms) };
};

/** How long `up` takes, virtual milliseconds, while its computer's clock is set at these moments. */
const upWith = async (t: TestContext, shifts: readonly (readonly [at: number, ms: number])[]): Promise<number> => {
  const w = await cloudWorld(t, 'clocks');
  const { clock, shift } = computer(w);
  const program = await w.program({ clock, seed: 'clocks' });
  let at = 0;
  const setting = (async () => {
    for (const [when, ms] of shifts) {
      await w.clock.sleep(when - at);
      at = when;
      shift(ms);
    }
  })();
  const start = w.clock.monotonic();
  const done = await w.up(program);
  const took = w.clock.monotonic() - start;
  assert.equal(done.error, undefined);
  assert.ok(Math.abs(done.ms - took) < 20_000, `it says ${done.ms} ms of ${took}`);
  await setting;
  return took;
};

test('a run takes as long as ever while somebody sets the clock, forward or back', async (t) => {
  const plain = await upWith(t, []);
  const told: [string, [number, number][]][] = [
    ['forward', [[20_000, hour]]],
    ['back', [[20_000, -hour]]],
    ['a century ahead from the beginning', [[0, 100 * 365 * 24 * hour]]],
    [
      'to and fro',
      [
        [10_000, hour],
        [30_000, -2 * hour],
        [60_000, hour],
        [90_000, -hour],
      ],
    ],
  ];
  for (const [what, shifts] of told) {
    await t.test(what, async (each) => {
      const took = await upWith(each, shifts);
      // A clock that was set makes the fence ask for its lease once more, and every request moves the drawn latencies.
      assert.ok(Math.abs(took - plain) < 30_000, `${took} ms instead of ${plain}`);
    });
  }
});

test('a computer that is an hour ahead takes no machine that boots for a silent one', async (t) => {
  const w = await cloudWorld(t, 'ahead');
  const dies = new AbortController();
  const first = await w.program();
  const planned = await w.planUp(first);
  const booting = first.events;
  const watch = (async () => {
    while (!booting.some((e) => e.type === 'started' && e.step.startsWith('boot:'))) await w.clock.sleep(1_000);
    await w.clock.sleep(20_000);
    dies.abort();
  })();
  const stopped = await w.apply(first, planned, { cancel: dies.signal });
  assert.equal(stopped.state, 'cancelled');
  await watch;
  const { clock, shift } = computer(w);
  shift(hour);
  const done = await w.resume(await w.program({ clock }));
  assert.equal(done?.error, undefined);
  assert.equal(done?.state, 'done');
  const state = w.emulator.exportState() as { operations: Record<string, { operationType?: string }> };
  const kinds = Object.values(state.operations).map((o) => o.operationType ?? '');
  assert.ok(kinds.includes('insert'), kinds.join(' '));
  assert.ok(!kinds.includes('reset'), kinds.join(' '));
});
