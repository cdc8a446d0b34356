import * as v from 'valibot';
import type { PlanRecord } from '../engine/journal.ts';
import { invalid } from '../lib/operatorError.ts';
import {
  checkDisk,
  checkMachineType,
  checkNodes,
  checkPodRoom,
  type DiskSpec,
  type PoolSpec,
} from '../model/cluster.ts';
import { checkName, defaultPool, machinePattern, ownTemplatePattern } from '../model/names.ts';
import { insistOn, regionOf } from '../model/zones.ts';
import { readExisting, type Existing } from '../steps/existing.ts';
import { noPool, poolRef } from '../steps/pool.ts';
import { chooseVictims } from '../steps/victims.ts';
import type { Reads } from '../steps/world.ts';
import { addPool, growTo, removePool, removeUnused, shrinkTo } from './pools.ts';
import { forCluster, inputOf, type Prepared, type VerbOptions } from './prepared.ts';

/** A pool of a cluster by its name and zone. */
export interface PoolPlace {
  readonly cluster: string;
  readonly zone: string;
  /** kube-up's `minion-group` where nothing is said. */
  readonly pool?: string | undefined;
}

/** A pool to be added; what is not said is as the cluster's other pools are. */
export interface PoolWish extends PoolPlace {
  readonly nodes?: number | undefined;
  readonly machineType?: string | undefined;
  readonly disk?: DiskSpec | undefined;
  readonly spot?: boolean | undefined;
}

/** Refuses a zone of another region: one cluster lives in one region. */
export const checkClusterZone = (x: Existing, zone: string): string => {
  const region = regionOf(zone);
  if (region === x.cluster.region) return zone;
  throw invalid(`Zone must be of the cluster's region, ${x.cluster.region}: ${zone}`, `For example: ${x.cluster.zone}`);
};

// What is not listed there may be there all the same.
const readReachable = async (world: Reads, place: PoolPlace): Promise<{ x: Existing; name: string }> => {
  const read = await readPlace(world, place);
  insistOn(read.x.has.unreachable, place.zone);
  return read;
};

const readPlace = async (world: Reads, place: PoolPlace): Promise<{ x: Existing; name: string }> => {
  const name = checkName('Pool', place.pool ?? defaultPool);
  const x = await readExisting(world, checkName('Cluster', place.cluster));
  checkClusterZone(x, place.zone);
  return { x, name };
};

const prepared = (world: Reads, x: Existing, p: Pick<Prepared, 'verb' | 'steps' | 'input' | 'warnings'>): Prepared => ({
  ...p,
  ...forCluster(world, x.cluster),
});

/** `pool add`, or go on with it. */
export const preparePoolAdd = async (world: Reads, wish: PoolWish, o: VerbOptions): Promise<Prepared> => {
  const { x, name } = await readPlace(world, wish);
  const same = x.cluster.pools.find((p) => p.name === name);
  const like = same ?? x.cluster.pool;
  const here = x.cluster.pools.find((p) => p.name === name && p.zone === wish.zone);
  const pool: PoolSpec = {
    name,
    zone: wish.zone,
    nodes: checkNodes(wish.nodes ?? here?.nodes ?? 3),
    machineType: checkMachineType(wish.machineType ?? like.machineType),
    disk: checkDisk('Node disk', wish.disk ?? like.disk),
    spot: wish.spot ?? like.spot,
  };
  const others = x.cluster.pools.filter((p) => p !== here);
  checkPodRoom(x.cluster.podCidr, [...others, pool]);
  const cluster = { ...x.cluster, pool, pools: [pool] };
  return prepared(world, x, { verb: 'pool-add', steps: addPool(cluster, pool, o.takeOver), input: wish });
};

/** Machines of a pool as the cloud has them, by their group's name. */
export const machinesOf = (x: Existing, place: { name: string; zone: string }): string[] => {
  const own = machinePattern(poolRef(x.cluster, place).name);
  return x.has.nodes.filter((i) => i.zone === place.zone && own.test(i.name)).map((i) => i.name);
};

/** `pool remove`; `known` are machines that an interrupted run had found. */
export const preparePoolRemove = async (
  world: Reads,
  place: PoolPlace,
  o: VerbOptions,
  known: readonly string[] = [],
): Promise<Prepared> => {
  const { x, name } = await readReachable(world, place);
  const pool = { name, zone: place.zone };
  const there = x.cluster.pools.some((p) => p.name === name && p.zone === place.zone);
  if (!there && known.length === 0 && !hasRemains(x, name)) throw noPool(pool);
  const nodes = [...new Set([...known, ...machinesOf(x, pool)])];
  const steps = removePool(x.cluster, { pool, nodes }, 'pool-remove', o.takeOver);
  return prepared(world, x, { verb: 'pool-remove', steps, input: { ...place, nodes } });
};

// What a removal without its journal would still have to take away.
const hasRemains = (x: Existing, pool: string): boolean => {
  const own = ownTemplatePattern(x.cluster.names.pool(pool));
  return x.has.templates.some((t) => own.test(t.name) && !isUsed(x, t.name));
};

const isUsed = (x: Existing, template: string): boolean => x.has.pools.some((g) => g.template.endsWith(`/${template}`));

/** `pool resize`, up or down; `known` are victims that an interrupted run had chosen. */
export const preparePoolResize = async (
  world: Reads,
  wish: PoolPlace & { readonly nodes: number },
  o: VerbOptions,
  known: readonly string[] = [],
): Promise<Prepared> => {
  const { x, name } = await readReachable(world, wish);
  const has = x.cluster.pools.find((p) => p.name === name && p.zone === wish.zone);
  if (has === undefined) throw noPool({ name, zone: wish.zone });
  const pool = { ...has, nodes: checkNodes(wish.nodes) };
  checkPodRoom(x.cluster.podCidr, [...x.cluster.pools.filter((p) => p !== has), pool]);
  if (pool.nodes > has.nodes || (pool.nodes === has.nodes && known.length === 0)) {
    const steps = growTo(x.cluster, pool, o.takeOver);
    return prepared(world, x, { verb: 'pool-resize', steps, input: { ...wish, victims: [] } });
  }
  const victims = await chooseVictims(world, x.cluster, has, has.nodes - pool.nodes, known);
  const steps = shrinkTo(x.cluster, pool, victims, o.takeOver);
  return prepared(world, x, { verb: 'pool-resize', steps, input: { ...wish, victims } });
};

const diskSchema = v.object({ type: v.string(), sizeGb: v.number() });
const placeEntries = { cluster: v.string(), zone: v.string(), pool: v.optional(v.string()) };
const addSchema = v.object({
  ...placeEntries,
  nodes: v.optional(v.number()),
  machineType: v.optional(v.string()),
  disk: v.optional(diskSchema),
  spot: v.optional(v.boolean()),
});
const removeSchema = v.object({ ...placeEntries, nodes: v.array(v.string()) });
const resizeSchema = v.object({ ...placeEntries, nodes: v.number(), victims: v.array(v.string()) });

/** The same verb on a pool again, from its journal; undefined for other verbs. */
export const preparePoolAgain = (world: Reads, plan: PlanRecord, o: VerbOptions): Promise<Prepared> | undefined => {
  if (plan.verb === 'pool-add') return preparePoolAdd(world, inputOf(plan, addSchema), o);
  if (plan.verb === 'pool-remove') {
    const { nodes, ...place } = inputOf(plan, removeSchema);
    return preparePoolRemove(world, place, o, nodes);
  }
  if (plan.verb !== 'pool-resize') return undefined;
  const { victims, ...wish } = inputOf(plan, resizeSchema);
  return preparePoolResize(world, wish, o, victims);
};

/** Takes back a pool that a run made: drained and removed as `pool remove` does it. */
export const preparePoolUndo = async (
  world: Reads,
  plan: PlanRecord,
  made: ReadonlySet<string>,
  o: VerbOptions,
): Promise<Prepared> => {
  const { cluster, zone, pool } = inputOf(plan, addSchema);
  const { x, name } = await readReachable(world, { cluster, zone, pool });
  const place = { name, zone };
  const isMine = made.has(`pool:${zone}/${poolRef(x.cluster, place).name}`);
  const nodes = isMine ? machinesOf(x, place) : [];
  const steps = isMine
    ? removePool(x.cluster, { pool: place, nodes }, 'undo', o.takeOver)
    : removeUnused(x.cluster, o.takeOver);
  return prepared(world, x, { verb: 'undo', steps, input: { of: plan.run } });
};
