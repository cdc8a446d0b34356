import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { readExisting } from '../steps/existing.ts';
import { holdLease } from '../steps/lease.ts';
import { smokeTest, type ZoneAnswer } from '../steps/smokeTest.ts';
import type { Reads } from '../steps/world.ts';
import { smokeReport } from './drillReport.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

/** A smoke test, and its responses once it has run. */
interface Smoke extends Work {
  readonly answered: ZoneAnswer[];
}

const stored = v.object({ cluster: v.string() });

const prepare = async (world: Reads, request: v.InferOutput<typeof stored>, { by }: Preparing): Promise<Smoke> => {
  const { cluster: c } = await readExisting(world, request.cluster);
  const answered: ZoneAnswer[] = [];
  // If the run is killed, the next lease holder deletes the namespace.
  const lease = holdLease(c, by, []);
  const steps = [lease, smokeTest(c, (a) => answered.push(a), [lease])];
  const line = (a: ZoneAnswer): string => `✓ ${a.zone}   "Welcome to nginx!" after ${Math.round(a.ms / 1000)} s`;
  return {
    ...{ ...forCluster(world, c), steps, input: request, answered },
    report: (probed, cloud) => smokeReport({ cluster: c.name, cloud, answered, probed }),
    outcome: () => Promise.resolve({ lines: answered.map(line), json: { answered } }),
  };
};

/** The article's step 7, from every zone. */
export const smoke = verb({
  name: 'smoke',
  label: 'Smoke test of {0}',
  ...{ risky: false, probed: true, harmless: true },
  target: { on: 'cluster' },
  options: {},
  help: {
    words: 'smoke',
    group: 'Test',
    does: 'fetch nginx from a pod in every zone',
    examples: ['trizone smoke'],
    never: 'Never leaves pods behind: they run in a separate namespace, which is deleted.',
  },
  palette: {
    ...{ command: 'cluster.smokeTest', title: 'Smoke Test', icon: 'flame', button: 'Run' },
    menu: { on: ['cluster'], group: '1_run@3' },
  },
  title: ({ cluster }) => message('Smoke test of {0}', cluster),
  stored,
  prepare,
  again: prepare,
});
