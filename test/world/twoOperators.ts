import test from 'node:test';
import { playSeed, type Figures } from '../support/operators/run.ts';
import { buildStage } from '../support/operators/stage.ts';

/** Seeds of the stories, from the first to the last; they are pinned. `npm run world -- --long` gives many more, in parts. */
const [first = 1, last = 64] = (/--stories=(\d+)-(\d+)/.exec(process.argv.join(' ')) ?? []).slice(1).map(Number);

/** Files over which the stories are spread: as many as the runner has processes. */
const shares = 2;

/**
 * Two operators, one in the editor and one on the command line, work on the same clusters in two clouds: plans grow stale,
 * processes die, networks fail, computers sleep, clocks jump, others meddle. An observer in the clouds looks at every change.
 */
export const twoOperators = (share: number): void => {
  test(`two operators, stories ${first + share} to ${last}`, async (t) => {
    const stored = await buildStage(t);
    const told: Figures[] = [];
    for (let seed = first + share; seed <= last; seed += shares)
      await t.test(`story ${seed}`, async () => {
        told.push(await playSeed(stored, seed));
      });
    t.diagnostic(summary(told));
  });
};

const summary = (told: readonly Figures[]): string => {
  const counts: Record<string, number> = {};
  for (const { events } of told) for (const [kind, n] of Object.entries(events)) counts[kind] = (counts[kind] ?? 0) + n;
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const mutations = told.reduce((a, b) => a + b.mutations, 0);
  const kinds = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const list = kinds.map(([kind, n]) => `${kind} ${n}`).join(', ');
  return `${told.length} stories, ${total} events, ${mutations} mutations: ${list}`;
};
