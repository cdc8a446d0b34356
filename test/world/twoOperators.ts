import test from 'node:test';
import { playSeed } from '../support/operators/run.ts';
import { buildStage } from '../support/operators/stage.ts';

/** The stories are pinned; `npm run world -- --long` plays many more. */
const stories = process.argv.includes('--long') ? 2000 : 64;

/** Files over which the stories are spread: as many as the runner has processes. */
const shares = 2;

/**
 * Two operators, one in the editor and one on the command line, work on the same clusters in two clouds: plans grow stale,
 * processes die, networks fail, computers sleep, clocks jump, others meddle. An observer in the clouds looks at every change.
 */
export const twoOperators = (share: number): void => {
  test(`two operators, ${stories / shares} stories`, async (t) => {
    const stored = await buildStage(t);
    for (let seed = 1 + share; seed <= stories; seed += shares)
      await t.test(`story ${seed}`, async () => {
        await playSeed(stored, seed);
      });
  });
};
