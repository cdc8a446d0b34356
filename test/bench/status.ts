import { readStatus } from '../../src/steps/status.ts';
import { articleWish } from '../support/cloudWorld.ts';
import { countCalls, inWorld } from './bench.ts';
import { median } from './bundles.ts';
import type { Row } from './run.ts';

const nodes = 500;
const plenty = { CPUS: 4000, INSTANCES: 4000, IN_USE_ADDRESSES: 4000, DISKS_TOTAL_GB: 400_000 };

/** A refresh of all data shown in the views, with 500 nodes. */
export const statusOf500 = async (): Promise<Row[]> =>
  inWorld('status', { quotas: { region: plenty } }, async (w) => {
    const p = await w.program();
    const made = await w.up(p, { ...articleWish, nodes, subnetCidr: '10.128.0.0/20' });
    if (made.error !== undefined) throw made.error;
    await readStatus(p.session.world);
    const times: number[] = [];
    const calls = countCalls(w);
    for (let i = 0; i < 7; i++) {
      const start = performance.now();
      const [cluster] = await readStatus(p.session.world);
      times.push(performance.now() - start);
      if (cluster?.pools[0]?.nodes.length !== nodes) throw new Error('not all nodes were seen');
    }
    return [
      ['refresh', `${median(times).toFixed(0)} ms`, 'goal ≤ 1000 ms'],
      ['requests to Google of one refresh', String((calls.reads + calls.writes + calls.waits) / 7), 'goal ≤ 14'],
    ];
  });
