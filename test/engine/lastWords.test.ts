import assert from 'node:assert/strict';
import test from 'node:test';
import { OperatorError } from '../../src/lib/operatorError.ts';
import type { WriteContext } from '../../src/engine/step.ts';
import { memoryJournal, noThings, runSteps, thing, type Things, type ThingStep } from '../support/engineWorld.ts';

/** A step that has a minute, and does this with it. */
const busy = (perform: (ctx: WriteContext<Things>) => Promise<string>): ThingStep => ({
  ...thing('a'),
  timeoutMs: 60_000,
  perform,
});

const outage = new OperatorError('unavailable', 'No answer', { retry: 'soon', remedy: 'Look at the network.' });

test('a step that kept failing until its deadline ends with what it failed with, and how long it tried', async () => {
  const ran = await runSteps([busy(() => Promise.reject(outage))], noThings());
  const { error } = ran;
  assert.deepEqual(
    [error?.code, error?.message, error?.remedy, error?.step],
    ['unavailable', 'No answer (retried for 60 s: Make a)', 'Look at the network.', 'thing:a'],
  );
  assert.ok(ran.ms <= 61_000, `${ran.ms}`);
});

test('a step that waits for something ends with what it last said', async () => {
  const step = busy(async (ctx) => {
    ctx.progress('2/3 there');
    await ctx.clock.sleep(600_000, ctx.signal);
    return 'a';
  });
  const { error } = await runSteps([step], noThings());
  assert.deepEqual([error?.code, error?.message], ['timeout', 'Timed out after 60 s: Make a; last status: 2/3 there']);
});

test('at its deadline a step is asked first; one that does not answer is left after a second', async () => {
  const answers = busy(async (ctx) => {
    await ctx.clock.sleep(600_000, ctx.signal).catch(() => undefined);
    throw new OperatorError('timeout', 'Operation o1 goes on');
  });
  assert.equal((await runSteps([answers], noThings())).error?.message, 'Operation o1 goes on');
  const deaf = await runSteps([busy(() => new Promise<string>(() => undefined))], noThings());
  assert.equal(deaf.error?.message, 'Timed out after 60 s: Make a');
  assert.equal(deaf.ms, 61_000);
});

/** A journal in which a killed run had asked for operation o1. */
const asked = () => {
  const journal = memoryJournal();
  journal.append({ type: 'intent', step: 'thing:a', attempt: 1, do: 'create', at: 0 });
  journal.append({ type: 'called', step: 'thing:a', operation: 'o1' });
  return journal;
};

test('a resume waits for what was asked before, even where the thing is seen already, and asks for nothing again', async () => {
  const world = noThings();
  world.there.add('a');
  const waited: string[] = [];
  const reattach = (operation: string): Promise<void> => Promise.resolve(void waited.push(operation));
  const ran = await runSteps([thing('a')], world, { journal: asked(), reattach });
  assert.deepEqual([ran.state, waited, world.requests.size], ['done', ['o1'], 0]);
});

/** A journal of a run that was killed between its request and the answer. */
const lost = () => {
  const journal = memoryJournal();
  journal.append({ type: 'intent', step: 'thing:a', attempt: 1, do: 'create', at: 0 });
  return journal;
};

test('what ended while nobody looked, well or badly, is asked for anew under another request id; only a lost answer repeats the old one', async () => {
  const failed = new OperatorError('stock-out', 'None left', { retry: 'elsewhere' });
  const ids = async (journal: ReturnType<typeof asked>, reattach?: () => Promise<void>): Promise<string[]> => {
    const world = noThings();
    const ran = await runSteps([thing('a')], world, { journal, ...(reattach && { reattach }) });
    assert.equal(ran.state, 'done');
    return [...world.requests.keys()];
  };
  const anew = await ids(asked(), () => Promise.reject(failed));
  // It was made, and somebody has taken it away since.
  const gone = await ids(asked(), () => Promise.resolve());
  const same = await ids(lost());
  assert.deepEqual([anew.length, gone.length, same.length], [1, 1, 1]);
  assert.notDeepEqual(anew, same);
  assert.notDeepEqual(gone, same);
});

test('a repeated request that is answered by the old operation is followed by another look, and by a request of its own', async () => {
  const world = noThings();
  const done = new Set<string>();
  const step: typeof a = {
    ...a,
    perform: async (ctx) => {
      const { requestId } = ctx.call();
      // The cloud knows the first id it is asked with: its operation ended before somebody took the thing away.
      if (done.size > 0) return a.perform(ctx, { do: 'create' }, undefined);
      done.add(requestId);
      return 'a';
    },
  };
  assert.equal((await runSteps([step], world, { journal: lost() })).state, 'done');
  assert.ok(world.there.has('a'), 'nothing was made');
  assert.ok(!done.has([...world.requests.keys()][0] ?? ''), 'under the old id');
});

const a = thing('a');
