import assert from 'node:assert/strict';
import test from 'node:test';
import { makePlan } from '../../src/engine/plan.ts';
import { knownFacts } from '../../src/engine/step.ts';
import { undoSteps } from '../../src/engine/undo.ts';
import type { Reads } from '../../src/steps/world.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { memoryJournal, noThings, runSteps, thing, type SeeThings, type Things } from '../support/engineWorld.ts';

const never = new AbortController().signal;

/** Whether a type has a member. */
type Has<T, K extends PropertyKey> = K extends keyof T ? true : false;

test('a plan gets a world and a context that cannot be written to', async () => {
  // Invariant 1 is a matter of types: as soon as a plan's context can write, these three lines do not compile.
  const step = thing('a');
  type Planning = Parameters<typeof step.observe>[0];
  const writes: [
    Has<Planning, 'call'>,
    Has<Planning['world']['there'], 'add'>,
    Has<Reads['cloud']['compute'], 'insert'>,
  ] = [false, false, false];
  assert.deepEqual(writes, [false, false, false]);
  const world = noThings();
  await makePlan<SeeThings, Things>([step], world, new VirtualClock(), never);
  assert.equal(world.there.size, 0);
});

test('a step that needs the output of one that has yet to run is planned as one of which nothing is known yet', async () => {
  const a = thing('a');
  const b: typeof a = {
    ...thing('b', [a]),
    observe: (ctx) => Promise.resolve(ctx.out(a)),
  };
  const plan = await makePlan<SeeThings, Things>([a, b], noThings(), new VirtualClock(), never);
  assert.deepEqual(
    plan.changes.map((p) => p.decision.do),
    ['create', 'create'],
  );
  assert.deepEqual(
    plan.steps.map((p) => p.seen),
    [{ known: true, facts: undefined }, { known: false }],
  );
});

test('a step that is decided by facts alone must not need an output: not known yet is never taken for not there', async () => {
  const a = thing('a');
  const b: typeof a = {
    ...thing('b', [a]),
    observe: (ctx) => Promise.resolve(ctx.out(a)),
    decide: (seen) => ({ do: 'nothing', out: String(knownFacts(seen)) }),
  };
  const world = noThings();
  await assert.rejects(makePlan<SeeThings, Things>([a, b], world, new VirtualClock(), never), /waits for an output/);
  world.there.add('a');
  const plan = await makePlan<SeeThings, Things>([a, b], world, new VirtualClock(), never);
  assert.deepEqual(plan.steps[1]?.seen, { known: true, facts: 'a' });
});

test('the expected time of a plan is its longest chain of changes', async () => {
  const a = thing('a', [], 1000);
  const b = thing('b', [a], 2000);
  const c = thing('c', [], 2500);
  const world = noThings();
  const plan = await makePlan<SeeThings, Things>([a, b, c], world, new VirtualClock(), never);
  assert.equal(plan.expectedMs, 3000);
  world.there.add('b');
  const later = await makePlan<SeeThings, Things>([a, b, c], world, new VirtualClock(), never);
  assert.equal(later.expectedMs, 2500);
});

test('undo takes back what the run made, dependants first, and nothing else', async () => {
  const a = thing('a');
  const b = thing('b', [a]);
  const c = thing('c', [b]);
  const world = noThings();
  world.there.add('b');
  const journal = memoryJournal();
  await runSteps([a, b, c], world, { journal });
  const undo = undoSteps([a, b, c], journal.records);
  assert.deepEqual(
    undo.map((s) => s.id),
    ['remove-thing:c', 'remove-thing:a'],
  );
  assert.deepEqual(
    undo[1]?.after.map((s) => s.id),
    ['remove-thing:c'],
  );
  await runSteps(undo, world);
  assert.deepEqual([...world.there], ['b']);
});

test('a workflow that lists a step before its predecessor is refused', async () => {
  const a = thing('a');
  const b = thing('b', [a]);
  await assert.rejects(
    makePlan<SeeThings, Things>([b, a], noThings(), new VirtualClock(), never),
    /before its predecessor/,
  );
  await assert.rejects(makePlan<SeeThings, Things>([a, a], noThings(), new VirtualClock(), never), /listed twice/);
});
