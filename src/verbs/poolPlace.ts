import * as v from 'valibot';
import { invalid } from '../lib/operatorError.ts';
import { checkName, defaultPool, machinePattern } from '../model/names.ts';
import { insistOn, regionOf } from '../model/zones.ts';
import { readExisting, type Existing } from '../steps/existing.ts';
import { poolRef } from '../steps/pool.ts';
import type { Reads } from '../steps/world.ts';

/** A pool of a cluster by its name and zone. */
export interface PoolPlace {
  readonly cluster: string;
  readonly zone: string;
  /** kube-up's `minion-group` where it is not given. */
  readonly pool?: string | undefined;
}

/** A pool's place as journals keep it. */
export const placeEntries = { cluster: v.string(), zone: v.string(), pool: v.optional(v.string()) };

/** Refuses a zone of another region: one cluster lives in one region. */
export const checkClusterZone = (existing: Existing, zone: string): string => {
  const region = regionOf(zone);
  if (region === existing.cluster.region) return zone;
  throw invalid(
    `The zone must be in the cluster's region, ${existing.cluster.region}: ${zone}`,
    `For example: ${existing.cluster.zone}`,
  );
};

/** The cluster of a pool, and the pool's name. */
export const readPlace = async (world: Reads, place: PoolPlace): Promise<{ x: Existing; name: string }> => {
  const name = checkName('Pool', poolName(place.pool));
  const x = await readExisting(world, place.cluster);
  checkClusterZone(x, place.zone);
  return { x, name };
};

/** The same where the zone must answer: what is not listed there may be there all the same. */
export const readReachable = async (world: Reads, place: PoolPlace): Promise<{ x: Existing; name: string }> => {
  const read = await readPlace(world, place);
  insistOn(read.x.has.unreachable, place.zone);
  return read;
};

/** Machines of a pool as the cloud has them, by their group's name. */
export const machinesOf = (existing: Existing, place: { name: string; zone: string }): string[] => {
  const own = machinePattern(poolRef(existing.cluster, place).name);
  return existing.has.nodes.filter((i) => i.zone === place.zone && own.test(i.name)).map((i) => i.name);
};

/** The pool that is meant: kube-up's where none is named. */
export const poolName = (pool: string | undefined): string => pool ?? defaultPool;
