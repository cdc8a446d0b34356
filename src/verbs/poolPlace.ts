import * as v from 'valibot';
import { invalid } from '../lib/operatorError.ts';
import { checkName, defaultPool, machinePattern } from '../model/names.ts';
import { insistOn, regionOf } from '../model/zones.ts';
import { readExisting, type Existing } from '../steps/existing.ts';
import { poolRef } from '../steps/pool.ts';
import type { Reads } from '../steps/world.ts';

/** A pool of a cluster, by name and zone. */
export interface PoolPlace {
  readonly cluster: string;
  readonly zone: string;
  /** Default: kube-up's `minion-group`. */
  readonly pool?: string | undefined;
}

/** A pool's place, as stored in journals. */
export const placeEntries = { cluster: v.string(), zone: v.string(), pool: v.optional(v.string()) };

/** Rejects a zone in another region: a cluster lives in one region. */
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

/** The same, but fails if the zone is unreachable: unlisted resources may still exist there. */
export const readReachable = async (world: Reads, place: PoolPlace): Promise<{ x: Existing; name: string }> => {
  const read = await readPlace(world, place);
  insistOn(read.x.has.unreachable, place.zone);
  return read;
};

/** Instances of a pool, according to the cloud, matched by their group's name. */
export const machinesOf = (existing: Existing, place: { name: string; zone: string }): string[] => {
  const own = machinePattern(poolRef(existing.cluster, place).name);
  return existing.has.nodes.filter((i) => i.zone === place.zone && own.test(i.name)).map((i) => i.name);
};

/** The pool's name; default: kube-up's. */
export const poolName = (pool: string | undefined): string => pool ?? defaultPool;
