import { message } from '../lib/message.ts';
import type { Cluster, PoolSpec } from '../model/cluster.ts';
import { drainNodes, forgetNodes } from '../steps/drain.ts';
import { holdLease, type Acting } from '../steps/lease.ts';
import { awaitSize, deleteMachines, dueVictims, ensurePool, fillPool, growPool, poolRef } from '../steps/pool.ts';
import { nodesReady } from '../steps/poolNodes.ts';
import { remove } from '../steps/resource.ts';
import { ensureTemplate, removeTemplates } from '../steps/template.ts';
import { validateCluster } from '../steps/validate.ts';
import type { After, CloudStep, Reads } from '../steps/world.ts';
import { machineChecks, roomChecks } from './machineChecks.ts';
import { workflow } from './workflow.ts';

/** Template, group, instances, nodes. kube-up: KUBE_USE_EXISTING_MASTER=true (create-nodes in cluster/gce/util.sh). */
export const addPool = (cluster: Cluster, spec: PoolSpec, by: Acting): CloudStep[] => {
  const w = workflow();
  const { all: checks, parts } = machineChecks(w, cluster, { masters: [], pools: [spec] });
  const lease = w.add(holdLease(cluster, by, checks));
  const template = w.add(ensureTemplate(cluster, spec, parts, [lease]));
  const pool = w.add(ensurePool(cluster, spec, template, [lease]));
  const full = w.add(fillPool(cluster, spec, pool, []));
  const joined = w.add(nodesReady(cluster, spec, [full]));
  w.add(validateCluster(cluster, [joined]));
  return w.steps;
};

/** What is drained and removed: a pool and its nodes. */
export interface PoolMachines {
  readonly pool: Pick<PoolSpec, 'name' | 'zone'>;
  readonly nodes: readonly string[];
}

/**
 * Removes a pool: every node is drained, then the group is deleted with its instances, then the Node objects. A master
 * in the zone stays. kube-up: kube-down with KUBE_USE_EXISTING_MASTER=true deletes the group without draining.
 */
export const removePool = (cluster: Cluster, pool: PoolMachines, by: Acting): CloudStep[] => {
  const w = workflow();
  const lease = w.add(holdLease(cluster, by, []));
  const gone = w.addAll(poolsGo(cluster, [pool], [lease]));
  w.add(validateCluster(cluster, gone));
  return w.steps;
};

/** The steps of removing pools, for workflows that remove more than these. */
export const poolsGo = (cluster: Cluster, pools: readonly PoolMachines[], after: After): CloudStep[] => {
  const gone = pools.flatMap((m) => poolGoes(cluster, m, after));
  const refs = pools.map((m) => poolRef(cluster, m.pool));
  return [...gone, removeTemplates(cluster, refs, [...after, ...gone])];
};

const poolGoes = (cluster: Cluster, { pool, nodes }: PoolMachines, after: After): CloudStep[] => {
  const w = workflow();
  const ref = poolRef(cluster, pool);
  const where = `${pool.zone}/${ref.name}`;
  const { names } = cluster;
  const place = [ref.name, pool.zone] as const;
  const drained = w.add(
    drainNodes({ id: `drain:${where}`, title: message('Drain nodes of {0} in {1}', ...place), names, nodes, after }),
  );
  const group = {
    id: `remove-pool:${where}`,
    title: message('Delete node pool {0} in {1}', ...place),
    ref,
    owner: cluster,
  } as const;
  const gone = w.add(remove({ ...group, after: [drained], expectedMs: 40_000 }));
  const title = message('Delete the Node objects of {0} in {1}', ...place);
  w.add(forgetNodes({ id: `forget:${where}`, title, names, nodes, after: [gone] }));
  return w.steps;
};

/** Undo of a pool that was not created: there is at most a template. */
export const removeUnused = (cluster: Cluster, by: Acting): CloudStep[] => {
  const w = workflow();
  const lease = w.add(holdLease(cluster, by, []));
  w.add(removeTemplates(cluster, [], [lease]));
  return w.steps;
};

/** Grows a pool with instances of the same template. */
export const growTo = (cluster: Cluster, pool: PoolSpec, by: Acting): CloudStep[] => {
  const w = workflow();
  const { all: checks } = roomChecks(w, cluster, { masters: [], pools: [pool] });
  const lease = w.add(holdLease(cluster, by, checks));
  const grown = w.add(growPool(cluster, pool, [lease]));
  const full = w.add(fillPool(cluster, pool, grown, []));
  const joined = w.add(nodesReady(cluster, pool, [full]));
  w.add(validateCluster(cluster, [joined]));
  return w.steps;
};

/** Shrinks a pool: the victims are drained, then exactly these are deleted; the group never chooses by itself. */
export const shrinkTo = (cluster: Cluster, pool: PoolSpec, victims: readonly string[], by: Acting): CloudStep[] => {
  const ref = poolRef(cluster, pool);
  const where = `${pool.zone}/${ref.name}`;
  const { names } = cluster;
  const place = [ref.name, pool.zone] as const;
  const w = workflow();
  const lease = w.add(holdLease(cluster, { ...by, risky: true }, []));
  const drain = { id: `drain:${where}`, title: message('Drain nodes of {0} in {1}', ...place), names } as const;
  // Minutes after the plan, the pool may already be smaller: victims that are no longer surplus stay and must accept
  // pods.
  const due = (world: Reads): Promise<readonly string[]> => dueVictims(world, cluster, pool, victims);
  const gone = async (world: Reads): Promise<readonly string[]> => {
    const there = (await world.cloud.compute.managedInstances(ref)).map((m) => m.name);
    return victims.filter((name) => !there.includes(name));
  };
  const drained = w.add(drainNodes({ ...drain, nodes: victims, due, after: [lease] }));
  const deleted = w.add(deleteMachines(cluster, pool, victims, [drained]));
  const settled = w.add(awaitSize(cluster, pool, [deleted]));
  const forget = {
    id: `forget:${where}`,
    title: message('Delete the Node objects of {0} in {1}', ...place),
    names,
    nodes: victims,
  } as const;
  const forgotten = w.add(forgetNodes({ ...forget, due: gone, after: [settled] }));
  w.add(validateCluster(cluster, [forgotten]));
  return w.steps;
};
