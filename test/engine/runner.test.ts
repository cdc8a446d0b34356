import { message } from '../../src/lib/message.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { makePlan } from '../../src/engine/plan.ts';
import type { Step } from '../../src/engine/step.ts';
import { OperatorError, type ErrorInfo } from '../../src/lib/operatorError.ts';
import { scaledClock } from '../../src/lib/clock.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import {
  memoryJournal,
  noThings,
  runSteps,
  thing,
  type SeeThings,
  type Things,
  type ThingStep,
} from '../support/engineWorld.ts';

const never = new AbortController().signal;

/** Random directed acyclic graphs with random durations: node i may depend on any smaller one. */
const graphs = fc
  .array(fc.record({ ms: fc.integer({ min: 1, max: 5000 }), edges: fc.array(fc.nat(), { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 25,
  })
  .map((nodes) =>
    nodes.reduce<ThingStep[]>((made, n, i) => {
      const after = [...new Set(n.edges.map((e) => e % Math.max(1, i)))].flatMap((e) => made[e] ?? []);
      return [...made, thing(`t${i}`, after, n.ms)];
    }, []),
  );

test('any graph runs in an order that its edges allow, and as parallel as they allow', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (steps) => {
      const world = noThings();
      const ran = await runSteps(steps, world, { parallel: 100 });
      assert.equal(ran.state, 'done');
      assert.equal(world.there.size, steps.length);
      const at = (type: 'started' | 'done', id: string): number =>
        ran.events.find((e) => e.type === type && e.step === id)?.at ?? NaN;
      for (const s of steps) {
        for (const a of s.after) assert.ok(at('done', a.id) <= at('started', s.id), `${s.id} before ${a.id}`);
      }
      // Nothing but the edges held it up: the whole run takes as long as its longest chain.
      assert.equal(ran.ms, ran.critical.length);
    }),
    { numRuns: 60 },
  );
});

test('a step that insists waits as the plan has announced, though nothing is missing by its turn; one that does not, does not', async () => {
  const made = thing('a');
  const rounds = (insists: boolean): ThingStep => ({
    ...{ id: 'rounds:a', title: message('Look three times'), after: [made], timeoutMs: 60_000, expectedMs: 10_000 },
    ...(insists && { insists }),
    observe: (ctx) => Promise.resolve(ctx.world.there.has('a')),
    decide: (seen) => (seen.known && seen.facts ? { do: 'nothing', out: undefined } : { do: 'wait' }),
    perform: (ctx) => ctx.clock.sleep(10_000),
  });
  assert.equal((await runSteps([made, rounds(false)], noThings())).ms, 1_000);
  const world = noThings();
  assert.equal((await runSteps([made, rounds(true)], world)).ms, 11_000);
  // Where nothing was to change there is nothing to wait for either.
  assert.equal((await runSteps([made, rounds(true)], world)).ms, 0);
});

test('no more steps than allowed run at once', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.integer({ min: 1, max: 4 }), async (steps, parallel) => {
      const ran = await runSteps(steps, noThings(), { parallel });
      let running = 0;
      for (const e of ran.events) {
        if (e.type === 'started') running++;
        if (e.type === 'done') running--;
        assert.ok(running <= parallel);
      }
    }),
    { numRuns: 30 },
  );
});

test('killed at any journal record, a resume reaches the same end under the same request ids, and then plans nothing', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.nat({ max: 80 }), async (steps, crashAt) => {
      const world = noThings();
      const journal = memoryJournal(crashAt);
      await runSteps(steps, world, { journal }).catch((e: unknown) => assert.match(String(e), /killed/));
      journal.dead = false;
      const again = memoryJournal();
      for (const r of journal.records) again.append(r);
      const resumed = await runSteps(steps, world, { journal: again });
      assert.equal(resumed.state, 'done');
      assert.equal(world.there.size, steps.length);
      // A step that was cut off between intent and done asks again under the id it had.
      assert.ok(world.requests.size <= steps.length, 'a request id was made anew for the same attempt');
      const plan = await makePlan<SeeThings, Things>(steps, world, new VirtualClock(), never);
      assert.equal(plan.changes.length, 0);
    }),
    { numRuns: 60 },
  );
});

test('the intent is on record before the world is changed', async () => {
  const journal = memoryJournal();
  const world = noThings();
  const watched: ThingStep = {
    ...thing('a'),
    perform: (ctx) => {
      assert.deepEqual(journal.records.at(-1), { type: 'intent', step: 'thing:a', attempt: 1, do: 'create', at: 0 });
      ctx.world.there.add('a');
      return Promise.resolve('a');
    },
  };
  const ran = await runSteps([watched], world, { journal });
  assert.equal(ran.error, undefined);
});

const failing = (times: number, error: () => OperatorError): ThingStep => {
  let left = times;
  const base = thing('a');
  return {
    ...base,
    perform: (ctx, change, seen) => {
      const { requestId } = ctx.call();
      ctx.world.requests.set(requestId, (ctx.world.requests.get(requestId) ?? 0) + 1);
      if (left-- > 0) throw error();
      return base.perform(ctx, change, seen);
    },
  };
};

test('a definite failure is tried again under a new request id, an unknown outcome under the same', async () => {
  const definite = noThings();
  await runSteps([failing(1, () => new OperatorError('unavailable', 'no', { retry: 'soon' }))], definite);
  assert.equal(definite.requests.size, 2);
  const unknown = noThings();
  await runSteps(
    [failing(1, () => new OperatorError('unavailable', 'no', { retry: 'soon', outcomeUnknown: true }))],
    unknown,
  );
  assert.equal(unknown.requests.size, 1);
});

test('a failure that no retry helps stops the run, ends what runs, and starts nothing new', async () => {
  const bad = failing(99, () => new OperatorError('quota', 'Quota exceeded: CPUS'));
  const slow = thing('slow', [], 9000);
  const after = thing('after', [slow]);
  const world = noThings();
  const ran = await runSteps([bad, slow, after], world);
  assert.equal(ran.state, 'failed');
  assert.equal(ran.error?.code, 'quota');
  assert.equal(ran.error.step, 'thing:a');
  assert.deepEqual([...world.there], ['slow']);
});

test('the error of a step says which it was, and keeps all that it carried', async () => {
  const info: ErrorInfo = {
    ...{ remedy: 'Ask for more.', retry: 'elsewhere' as const, retryAfterMs: 9000, outcomeUnknown: false },
    ...{ zonesAvailable: ['z'], cause: new Error('403') },
  };
  const step: ThingStep = { ...thing('a'), perform: () => Promise.reject(new OperatorError('quota', 'No more', info)) };
  const { error } = await runSteps([step], noThings());
  assert.ok(error);
  const { code, message, remedy, retry, retryAfterMs, outcomeUnknown, zonesAvailable, cause } = error;
  assert.deepEqual({ remedy, retry, retryAfterMs, outcomeUnknown, zonesAvailable, cause }, info);
  assert.deepEqual([code, message, error.step], ['quota', 'No more', step.id]);
});

test('cancel finishes the mutation that runs, ends waits, and starts nothing new', async () => {
  const stop = new AbortController();
  const clock = new VirtualClock(0);
  const world = noThings();
  const waits: ThingStep = {
    ...thing('wait'),
    perform: async (ctx) => {
      await ctx.clock.sleep(3_600_000, ctx.signal);
      return 'wait';
    },
  };
  const disk = thing('disk', [], 5000);
  void clock.sleep(1000).then(() => stop.abort());
  const ran = await runSteps([disk, waits, thing('next', [disk])], world, { cancel: stop.signal, clock, wall: clock });
  assert.equal(ran.state, 'cancelled');
  assert.deepEqual([...world.there], ['disk']);
  assert.equal(ran.ms, 5000);
});

test('a step that takes longer than its deadline fails with what it was', async () => {
  const stuck: ThingStep = {
    ...thing('a'),
    timeoutMs: 30_000,
    perform: (ctx) => ctx.clock.sleep(1e9, ctx.signal).then(() => 'a'),
  };
  const ran = await runSteps([stuck], noThings());
  assert.equal(ran.error?.code, 'timeout');
  assert.match(ran.error.message, /30 s: Make a/);
  assert.equal(ran.ms, 30_000);
});

test('on a clock that runs faster than this computer no deadline is shorter than the computer needs', async () => {
  const clock = Object.assign(new VirtualClock(), { leastDeadlineMs: 100_000 });
  const stuck: ThingStep = {
    ...thing('a'),
    timeoutMs: 30_000,
    perform: (ctx) => ctx.clock.sleep(1e9, ctx.signal).then(() => 'a'),
  };
  const ran = await runSteps([stuck], noThings(), { clock, wall: clock });
  assert.match(ran.error?.message ?? '', /100 s: Make a/);
  assert.equal(ran.ms, 100_000);
  assert.deepEqual([scaledClock(0.01).leastDeadlineMs, scaledClock(1).leastDeadlineMs], [2_000_000, 0]);
});

test('the deadline of a step that waits for something in wall time allows for it on every clock', async () => {
  const stuck: ThingStep = {
    ...{ ...thing('a'), timeoutMs: 30_000, wallMs: 60_000 },
    perform: (ctx) => ctx.clock.sleep(1e9, ctx.signal).then(() => 'a'),
  };
  assert.equal((await runSteps([stuck], noThings())).ms, 90_000);
  const clock = Object.assign(new VirtualClock(), { leastDeadlineMs: 100_000 });
  const ran = await runSteps([stuck], noThings(), { clock, wall: clock });
  assert.equal(ran.ms, 100_000 + 5 * 60_000, 'five of its seconds are one');
});

test('an output can be read along an edge only', async () => {
  const a = thing('a');
  const reads = (after: readonly ThingStep[]): Step<SeeThings, Things> => ({
    ...thing('b', after),
    observe: (ctx) => {
      assert.equal(ctx.out(a), 'a');
      return Promise.resolve(undefined);
    },
  });
  assert.equal((await runSteps([a, reads([a])], noThings())).state, 'done');
  await assert.rejects(runSteps([a, reads([])], noThings()), /without an edge/);
});
