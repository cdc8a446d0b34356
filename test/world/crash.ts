import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { RunResult } from '../../src/engine/runOptions.ts';
import {
  cloudWorld,
  openWorld,
  storeWorld,
  type CloudWorld,
  type Program,
  type Stored,
} from '../support/cloudWorld.ts';
import type { Cleanup } from '../support/engineWorld.ts';
import { assertDone } from './verbs.ts';

/** What comes after a crash: the same verb again, found by its journal or asked for anew. */
export type Recovery = 'resume' | 'again without journals';

const killed = async (w: CloudWorld, work: Promise<RunResult | undefined>, p: Program): Promise<boolean> => {
  try {
    const result = await work;
    if (!p.journals.dead) assertDone(result);
  } catch (error) {
    if (!p.journals.dead) throw error;
  }
  w.bury();
  return p.journals.dead;
};

const recover = async (
  w: CloudWorld,
  recovery: Recovery,
  again: () => Promise<RunResult | undefined>,
): Promise<void> => {
  if (recovery === 'again without journals') w.forgetJournals();
  assertDone(recovery === 'resume' ? ((await w.resume()) ?? (await again())) : await again());
};

/** Converged: nothing left to plan, nothing doubled. */
export const assertConverged = async (w: CloudWorld): Promise<void> => {
  const [, plan] = await w.planUp(await w.program());
  assert.deepEqual(plan.refusals, []);
  assert.deepEqual(
    plan.changes.map((c) => c.step.id),
    [],
  );
  const state = w.resources();
  const count = (kind: string): number => Object.keys(state[`compute/${kind}`] ?? {}).length;
  assert.equal(count('instances'), 4, 'machines doubled or missing');
  assert.equal(count('forwardingRules'), 2);
  assert.equal(count('addresses'), 3);
  assert.equal(count('instanceTemplates'), 1);
};

/**
 * `up` killed at journal record `at` and recovered, then `down` of what it made killed at its record `at` and recovered: nothing is
 * left. False when both runs had fewer records than that.
 */
export const crashUpAndDown = async (t: TestContext, at: number, recovery: Recovery): Promise<boolean> => {
  const w = await cloudWorld(t, `up-down-${at}`);
  const before = w.resources();
  const up = await w.program({ crashAt: at });
  const upDied = await killed(w, w.up(up), up);
  if (upDied) {
    await recover(w, recovery, () => w.up());
    await assertConverged(w);
  }
  const down = await w.program({ crashAt: at });
  const downDied = await killed(w, w.down(down), down);
  if (downDied) await recover(w, recovery, () => w.down());
  assert.equal(await w.down(), undefined, 'a root record is left');
  assert.deepEqual(w.resources(), before, 'something is left after down');
  return upDied || downDied;
};

/** A verb on a cluster that exists, killed at journal record `at` and gone on with. `again`: said anew, where no journal is left. */
export interface Crash {
  readonly prepare: (w: CloudWorld) => Promise<void>;
  readonly verb: (w: CloudWorld, p?: Program) => Promise<RunResult>;
  readonly again: (w: CloudWorld) => Promise<RunResult | undefined>;
  readonly check: (w: CloudWorld) => Promise<void>;
}

const wholeProcess: Cleanup = { after: (end) => void process.once('exit', end) };
const begun = new Map<Crash, Promise<Stored>>();

// What a verb finds is the same at whatever record it is killed: made once, and opened as often as it is killed.
const beginning = (c: Crash): Promise<Stored> => {
  const known =
    begun.get(c) ??
    storeWorld(wholeProcess, `verb-${begun.size}`, async (w) => {
      assert.equal((await w.up()).error, undefined);
      await c.prepare(w);
    });
  begun.set(c, known);
  return known;
};

/** False when the run had fewer records than that. */
export const crashVerb = async (t: TestContext, at: number, recovery: Recovery, c: Crash): Promise<boolean> => {
  const w = await openWorld(t, await beginning(c), `verb-${at}`);
  const victim = await w.program({ crashAt: at });
  if (!(await killed(w, c.verb(w, victim), victim))) return false;
  await recover(w, recovery, () => c.again(w));
  await c.check(w);
  return true;
};

/** The two ways to recover take turns at the records of `up` and `down`; with --long each tries all of them. */
export const stride = process.argv.includes('--long') ? 1 : 2;

/** Tries every record, or every `stride`th from `first` on, until the run had no more. */
export const everyRecord = async (
  t: TestContext,
  crash: (each: TestContext, at: number) => Promise<boolean>,
  least = 40,
  stride = 1,
  first = 0,
): Promise<void> => {
  const seen = { at: first, more: true };
  for (; seen.more; seen.at += stride) {
    await t.test(`record ${seen.at}`, async (each) => {
      seen.more = await crash(each, seen.at);
    });
  }
  assert.ok(seen.at > least, `only ${seen.at} records: the run ended early`);
};
