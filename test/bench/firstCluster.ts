import { articleWish } from '../support/cloudWorld.ts';
import { countCalls, inWorld } from './bench.ts';
import { median } from './bundles.ts';
import { carry } from './criticalPath.ts';
import type { Row } from './run.ts';
import { up as upVerb } from '../../src/verbs/up.ts';

const seeds = ['a', 'b', 'c', 'd', 'e'];

const ratio = async (seed: string): Promise<number> =>
  inWorld(seed, {}, async (w) => {
    const { ms, limitMs } = await carry(w, (p) =>
      upVerb.prepare(p.session.world, articleWish, { ids: p.session.ids, takeOver: false }),
    );
    return ms / limitMs;
  });

/** `up` and `down` of the article's first cluster: ratio to the critical path, and number of requests. */
export const firstCluster = async (): Promise<Row[]> => {
  const ratios: number[] = [];
  for (const seed of seeds) ratios.push(await ratio(seed));
  return inWorld('calls', {}, async (w) => {
    const calls = countCalls(w);
    const words = (): string => `${calls.reads} + ${calls.writes} + ${calls.waits}`;
    const up = await w.up();
    const made = words();
    Object.assign(calls, { reads: 0, writes: 0, waits: 0 });
    await w.planUp(await w.program());
    const again = words();
    Object.assign(calls, { reads: 0, writes: 0, waits: 0 });
    const down = await w.down();
    return [
      ['up against its critical path (5 seeds)', median(ratios).toFixed(3), 'goal ≤ 1.10'],
      ['simulated time of up / down', `${(up.ms / 1000).toFixed(0)} s / ${((down?.ms ?? 0) / 1000).toFixed(0)} s`, ''],
      ['requests of up (reads + writes + waits)', made, ''],
      ['requests of an up that has nothing to do', again, ''],
      ['requests of down', words(), ''],
    ];
  });
};
