import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { checkNodes, checkPodRoom } from '../model/cluster.ts';
import { noPool } from '../steps/pool.ts';
import { chooseVictims } from '../steps/victims.ts';
import type { Reads } from '../steps/world.ts';
import { growTo, shrinkTo } from '../workflows/pools.ts';
import { required, wholeNumber } from '../model/option.ts';
import { placeEntries, poolName, readReachable, type PoolPlace } from './poolPlace.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

interface Request extends PoolPlace {
  readonly nodes: number;
}

// `known`: victims selected by an interrupted run.
const resize = async (
  world: Reads,
  request: Request,
  options: Preparing,
  known: readonly string[] = [],
): Promise<Work> => {
  const { x, name } = await readReachable(world, request);
  const has = x.cluster.pools.find((p) => p.name === name && p.zone === request.zone);
  if (has === undefined) throw noPool({ name, zone: request.zone });
  const pool = { ...has, nodes: checkNodes(request.nodes) };
  checkPodRoom(x.cluster.podCidr, [...x.cluster.pools.filter((p) => p !== has), pool]);
  const target = forCluster(world, x.cluster);
  if (pool.nodes > has.nodes || (pool.nodes === has.nodes && known.length === 0))
    return { ...target, steps: growTo(x.cluster, pool, options.by), input: { ...request, victims: [] } };
  const victims = await chooseVictims(world, x.cluster, has, has.nodes - pool.nodes, known);
  return { ...target, steps: shrinkTo(x.cluster, pool, victims, options.by), input: { ...request, victims } };
};

/** Grows or shrinks a pool. To shrink it, the nodes with the fewest pods are drained, and exactly these are deleted. */
export const poolResize = verb({
  name: 'pool-resize',
  label: 'Resize node pool of {0}',
  ...{ risky: false, probed: true },
  target: { on: 'pool', question: 'Select a node pool' },
  options: { nodes: required(wholeNumber('nodes', 'N', 'number of nodes, 0 to 1000')) },
  help: {
    words: 'pool resize',
    group: 'Node pools',
    does: 'resize a node pool',
    examples: ['trizone pool resize --zone europe-west1-c --nodes 5'],
    never: 'Never deletes a node before its pods are evicted. A protected cluster refuses fewer nodes.',
  },
  palette: {
    ...{ command: 'pool.resize', title: 'Resize Node Pool…', icon: 'symbol-numeric', button: 'Resize' },
    nodes: 'Number of nodes for {0}, currently {1}',
    menu: { on: ['pool'], group: '1_run@0' },
  },
  title: ({ cluster, zone, pool, nodes }: Request) =>
    message('Resize node pool {0} of {1} in {2} to {3} nodes', poolName(pool), cluster, zone, nodes),
  stored: v.object({ ...placeEntries, nodes: v.number(), victims: v.array(v.string()) }),
  prepare: (world, request: Request, o) => resize(world, request, o),
  again: (world, { victims, ...request }, o) => resize(world, request, o, victims),
});
