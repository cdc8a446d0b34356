import { message } from '../../src/lib/message.ts';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '../../src/engine/events.ts';
import { fileJournals } from '../../src/engine/journal.ts';
import type { Journal } from '../../src/engine/journalRecords.ts';
import { makePlan } from '../../src/engine/plan.ts';
import { applyPlan } from '../../src/engine/runner.ts';
import type { RunOptions, RunResult } from '../../src/engine/runOptions.ts';
import type { Seen, Step } from '../../src/engine/step.ts';
import { seededIds } from '../../src/lib/ids.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';

/** A world that is a set of things; creating one takes virtual time, and requests are recorded by ID. */
export interface Things {
  readonly there: Set<string>;
  readonly requests: Map<string, number>;
}

/** The read-only half. */
export interface SeeThings {
  readonly there: ReadonlySet<string>;
}

export type ThingStep = Step<SeeThings, Things>;

/** An empty world. */
export const noThings = (): Things => ({ there: new Set(), requests: new Map() });

const look = (world: SeeThings, name: string) => Promise.resolve(world.there.has(name) ? name : undefined);
const isThere = (seen: Seen<unknown>): boolean => seen.known && seen.facts !== undefined;

/** The step that creates a thing. */
export const thing = (name: string, after: readonly ThingStep[] = [], ms = 1000): Step<SeeThings, Things, string> => ({
  id: `thing:${name}`,
  title: message('Make {0}', name),
  after,
  timeoutMs: 600_000,
  expectedMs: ms,
  observe: (ctx) => look(ctx.world, name),
  decide: (seen) => (isThere(seen) ? { do: 'nothing', out: name } : { do: 'create', at: 0 }),
  perform: async (ctx) => {
    const { requestId } = ctx.call();
    ctx.world.requests.set(requestId, (ctx.world.requests.get(requestId) ?? 0) + 1);
    await ctx.clock.sleep(ms);
    ctx.world.there.add(name);
    return name;
  },
  inverse: (before) => noThing(name, before),
});

const noThing = (name: string, after: readonly ThingStep[]): ThingStep => ({
  id: `remove-thing:${name}`,
  title: message('Delete {0}', name),
  after,
  timeoutMs: 600_000,
  expectedMs: 1000,
  observe: (ctx) => look(ctx.world, name),
  decide: (seen) => (isThere(seen) ? { do: 'delete' } : { do: 'nothing', out: undefined }),
  perform: async (ctx) => {
    await ctx.clock.sleep(1000);
    ctx.world.there.delete(name);
  },
});

/** Runs work at the end of its life: a test context, or a bench. */
export interface Cleanup {
  after(end: () => unknown): void;
}

/**
 * Runs work after the test, then drops it: node:test keeps a test's
 * hooks, and everything they reference, until its file ends.
 */
export const lastly = (t: Cleanup, work: (() => unknown) | undefined): void => {
  t.after(() => {
    const once = work;
    work = undefined;
    return once?.();
  });
};

// Journals and the emulator's log are synced at every record: memory
// serves tests as well as a disk, and is ten times faster.
const fastFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder that is removed after the test. */
export const temporaryFolder = (t: Cleanup): string => {
  const folder = mkdtempSync(join(fastFolder, 'trizone-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A journal in memory; `crashAt` makes append number n and every later one throw: the process is dead. */
export const memoryJournal = (crashAt = Infinity): Journal & { dead: boolean } => {
  const records: Journal['records'][number][] = [];
  const journal = {
    records,
    dead: false,
    append: (record: Journal['records'][number]) => {
      if (records.length >= crashAt) journal.dead = true;
      if (journal.dead) throw new Error('killed');
      records.push(record);
    },
  };
  return journal;
};

/** A journal on disk for tests. */
export const fileJournal = (folder: string, run = 'r1'): Journal =>
  fileJournals(folder).create({
    run,
    verb: 'up',
    cluster: 'c',
    project: 'demo',
    at: 0,
    input: {},
    timeScale: 1,
    expectedMs: 0,
    steps: [],
  });

export interface Ran extends RunResult {
  readonly events: RunEvent[];
  readonly clock: VirtualClock;
}

/** Plans and applies steps on virtual time. */
export const runSteps = async (
  steps: readonly ThingStep[],
  world: Things,
  more: Partial<RunOptions<SeeThings, Things>> = {},
): Promise<Ran> => {
  const clock = new VirtualClock(0);
  const events: RunEvent[] = [];
  const cancel = more.cancel ?? new AbortController().signal;
  const plan = await makePlan<SeeThings, Things>(steps, world, clock, cancel);
  const options: RunOptions<SeeThings, Things> = {
    run: 'r1',
    world,
    journal: memoryJournal(),
    clock,
    wall: clock,
    ids: seededIds('engine'),
    listen: (e) => events.push(e),
    ...more,
    cancel,
  };
  return { ...(await applyPlan(plan, options)), events, clock };
};
