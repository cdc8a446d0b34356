import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { ownTemplatePattern } from '../model/names.ts';
import type { Existing } from '../steps/existing.ts';
import { noPool } from '../steps/pool.ts';
import type { Reads } from '../steps/world.ts';
import { removePool } from '../workflows/pools.ts';
import { machinesOf, placeEntries, poolName, readReachable, type PoolPlace } from './poolPlace.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

// `known`: instances found by an interrupted run.
const remove = async (
  world: Reads,
  place: PoolPlace,
  options: Preparing,
  known: readonly string[] = [],
): Promise<Work> => {
  const { x, name } = await readReachable(world, place);
  const pool = { name, zone: place.zone };
  const there = x.cluster.pools.some((p) => p.name === name && p.zone === place.zone);
  if (!there && known.length === 0 && !hasRemains(x, name)) throw noPool(pool);
  const nodes = [...new Set([...known, ...machinesOf(x, pool)])];
  const steps = removePool(x.cluster, { pool, nodes }, options.by);
  return { ...forCluster(world, x.cluster), steps, input: { ...place, nodes } };
};

// Whether a removal without a journal would still have something to delete.
const hasRemains = (existing: Existing, pool: string): boolean => {
  const own = ownTemplatePattern(existing.cluster.names.pool(pool));
  return existing.has.templates.some((t) => own.test(t.name) && !isUsed(existing, t.name));
};

const isUsed = (x: Existing, template: string): boolean => x.has.pools.some((g) => g.template.endsWith(`/${template}`));

/** Drains every node of a pool, then deletes it with its instances. */
export const poolRemove = verb({
  name: 'pool-remove',
  label: 'Remove node pool from {0}',
  ...{ risky: true, probed: true },
  target: { on: 'pool', question: 'Select a node pool' },
  options: {},
  help: {
    words: 'pool remove',
    group: 'Node pools',
    does: 'drain a node pool, then delete it',
    examples: ['trizone pool remove --zone europe-west1-c'],
    never: 'Never removes a master in that zone or another pool.',
  },
  palette: {
    ...{ command: 'pool.remove', title: 'Remove Node Pool…', icon: 'trash', button: 'Remove' },
    menu: { on: ['pool'], group: '9_danger@1' },
  },
  title: ({ cluster, zone, pool }: PoolPlace) =>
    message('Remove node pool {0} in {2} from {1}', poolName(pool), cluster, zone),
  typed: ({ pool }) => poolName(pool),
  stored: v.object({ ...placeEntries, nodes: v.array(v.string()) }),
  prepare: (world, place: PoolPlace, o) => remove(world, place, o),
  again: (world, { nodes, ...place }, o) => remove(world, place, o, nodes),
});
