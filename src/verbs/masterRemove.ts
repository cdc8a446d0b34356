import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { masterWarnings } from '../model/quorum.ts';
import { readExisting } from '../steps/existing.ts';
import type { Master } from '../steps/master.ts';
import type { Reads } from '../steps/world.ts';
import { removeMaster } from '../workflows/masters.ts';
import { lastMaster, leavingOf, masterSchema, noMaster, placeOf, type MasterRequest } from './masterParts.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

const warningsFor = (left: number): string[] =>
  left === 1
    ? ['1 master remains, which tolerates no failures. Both masters must be up during the removal (quorum 2).']
    : masterWarnings(left);

// `known`: the place found by an interrupted run.
const remove = async (world: Reads, request: MasterRequest, { by }: Preparing, known?: Master): Promise<Work> => {
  const x = await readExisting(world, request.cluster);
  const m = (await placeOf(world, x, request.name)) ?? known;
  if (m === undefined) throw noMaster(x, request.name);
  const leaving = leavingOf(x, m);
  if (leaving.others.length === 0) throw lastMaster(m.name);
  return {
    ...forCluster(world, x.cluster),
    steps: removeMaster(x.cluster, leaving, by),
    input: { cluster: x.cluster.name, master: m },
    warnings: warningsFor(leaving.others.length),
  };
};

/** Removes a master: from the load balancer first, then from etcd, then its instance with disk and address. */
export const masterRemove = verb({
  name: 'master-remove',
  label: 'Remove master from {0}',
  ...{ risky: true, probed: true },
  target: { on: 'master', question: 'Select a master to remove' },
  options: {},
  help: {
    words: 'master remove',
    group: 'Masters',
    does: 'remove a master from the load balancer and etcd, then delete its instance',
    examples: ['trizone master remove kubernetes-master-x7k'],
    never: 'Never removes the last master or one that etcd needs for quorum.',
  },
  palette: {
    ...{ command: 'master.remove', title: 'Remove Master…', icon: 'trash', button: 'Remove' },
    menu: { on: ['master'], needs: ['removable'], group: '9_danger@1' },
  },
  title: ({ cluster, name }: MasterRequest) => message('Remove master {0} from {1}', name, cluster),
  typed: ({ name }) => name,
  stored: v.object({ cluster: v.string(), master: masterSchema }),
  prepare: (world, request: MasterRequest, o) => remove(world, request, o),
  again: (world, { cluster, master }, o) => remove(world, { cluster, name: master.name }, o, master),
});
