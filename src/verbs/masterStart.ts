import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { readExisting } from '../steps/existing.ts';
import type { Reads } from '../steps/world.ts';
import { startMaster } from '../workflows/repair.ts';
import { checkMember, masterOf, type MasterRequest } from './masterParts.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

const prepare = async (world: Reads, request: MasterRequest, { by }: Preparing): Promise<Work> => {
  const x = await readExisting(world, request.cluster);
  const r = masterOf(x, request.name);
  await checkMember(world, x, r);
  const steps = startMaster(x.cluster, r, 'never', by);
  return { ...forCluster(world, x.cluster), steps, input: request };
};

/** The article starts it by gcloud and hopes; here, the run waits until it votes and serves again. */
export const masterStart = verb({
  name: 'master-start',
  label: 'Start master of {0}',
  ...{ risky: false, probed: true },
  target: { on: 'master', question: 'Select a master to start' },
  options: {},
  help: {
    words: 'master start',
    group: 'Masters',
    does: 'start a stopped master and wait until it votes and serves',
    examples: ['trizone master start kubernetes-master-x7k'],
  },
  palette: {
    ...{ command: 'master.start', title: 'Start Master', icon: 'debug-start', button: 'Start' },
    menu: { on: ['master'], needs: ['off'], group: '1_run@2' },
  },
  title: ({ cluster, name }) => message('Start master {0} of {1}', name, cluster),
  stored: v.object({ cluster: v.string(), name: v.string() }),
  prepare,
  again: prepare,
});
