import * as v from 'valibot';
import { createdSteps } from '../engine/journalRecords.ts';
import { message } from '../lib/message.ts';
import { checkNodes, checkPodRoom, type PoolSpec } from '../model/cluster.ts';
import {
  nodesOption,
  poolEntries,
  poolOption,
  poolOptions,
  poolSettings,
  type PoolRequested,
} from '../model/poolOptions.ts';
import { poolRef } from '../steps/pool.ts';
import type { Reads } from '../steps/world.ts';
import { addPool, removePool, removeUnused } from '../workflows/pools.ts';
import { machinesOf, placeEntries, poolName, readPlace, readReachable, type PoolPlace } from './poolPlace.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';
import { poolStep } from '../steps/stepIds.ts';

/** A pool to be added; omitted settings are taken from the cluster's other pools. */
export interface PoolRequest extends PoolPlace, PoolRequested {
  readonly nodes?: number | undefined;
}

const add = async (world: Reads, request: PoolRequest, options: Preparing): Promise<Work> => {
  const { x, name } = await readPlace(world, request);
  const same = x.cluster.pools.find((p) => p.name === name);
  const like = same ?? x.cluster.pool;
  const here = x.cluster.pools.find((p) => p.name === name && p.zone === request.zone);
  const pool: PoolSpec = {
    name,
    zone: request.zone,
    nodes: checkNodes(request.nodes ?? here?.nodes ?? 3),
    ...poolSettings(request, like),
  };
  const others = x.cluster.pools.filter((p) => p !== here);
  checkPodRoom(x.cluster.podCidr, [...others, pool]);
  const cluster = { ...x.cluster, pool, pools: [pool] };
  return { ...forCluster(world, x.cluster), steps: addPool(cluster, pool, options.by), input: request };
};

/**
 * Adds a node pool in another zone: the article's KUBE_USE_EXISTING_MASTER=true. Its undo drains and removes what it
 * created.
 */
export const poolAdd = verb({
  name: 'pool-add',
  label: 'Add node pool to {0}',
  ...{ risky: false, probed: true },
  target: { on: 'zone', question: 'Select a zone for the new node pool of {0}' },
  options: { pool: poolOption, nodes: nodesOption, ...poolOptions },
  help: {
    words: 'pool add',
    group: 'Node pools',
    does: 'add a node pool to a zone',
    examples: ['trizone pool add --zone europe-west1-c', 'trizone pool add --zone europe-west1-d --pool spot --spot'],
    never: 'Never changes the settings of an existing pool.',
  },
  palette: {
    ...{ command: 'pool.add', title: 'Add Node Pool to Zone…', icon: 'add', button: 'Add' },
    nodes: 'Number of nodes for the pool in {0}',
    menu: { on: ['zone'], group: '1_run@1' },
  },
  title: ({ cluster, zone, pool }) => message('Add node pool {0} to {1} in {2}', poolName(pool), cluster, zone),
  stored: v.object({
    ...placeEntries,
    nodes: v.optional(v.number()),
    ...poolEntries,
  }),
  prepare: add,
  again: add,
  undo: async (world, { plan, records }, { cluster, zone, pool }, { by }) => {
    const { x, name } = await readReachable(world, { cluster, zone, pool });
    const place = { name, zone };
    const isMine = createdSteps(records).has(poolStep(zone, poolRef(x.cluster, place).name));
    const nodes = isMine ? machinesOf(x, place) : [];
    const steps = isMine ? removePool(x.cluster, { pool: place, nodes }, by) : removeUnused(x.cluster, by);
    return { ...forCluster(world, x.cluster), steps, input: { of: plan.run } };
  },
});
