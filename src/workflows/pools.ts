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

/** Template, group, machines, nodes. kube-up: KUBE_USE_EXISTING_MASTER=true (create-nodes in cluster/gce/util.sh). */
export const addPool = (c: Cluster, p: PoolSpec, by: Acting): CloudStep[] => {
  const w = workflow();
  const { all: checks, parts } = machineChecks(w, c, { masters: [], pools: [p] });
  const lease = w.add(holdLease(c, by, checks));
  const template = w.add(ensureTemplate(c, p, parts, [lease]));
  const pool = w.add(ensurePool(c, p, template, [lease]));
  const full = w.add(fillPool(c, p, pool, []));
  const joined = w.add(nodesReady(c, p, [full]));
  w.add(validateCluster(c, [joined]));
  return w.steps;
};

/** What is drained and removed: a pool and the machines that it has. */
export interface PoolMachines {
  readonly pool: Pick<PoolSpec, 'name' | 'zone'>;
  readonly nodes: readonly string[];
}

/**
 * A pool goes: every node drained, then the group with its machines, then the Node objects. A master in the zone stays.
 * kube-up: kube-down with KUBE_USE_EXISTING_MASTER=true deletes the group without a drain.
 */
export const removePool = (c: Cluster, m: PoolMachines, by: Acting): CloudStep[] => {
  const w = workflow();
  const lease = w.add(holdLease(c, by, []));
  const gone = w.addAll(poolsGo(c, [m], [lease]));
  w.add(validateCluster(c, gone));
  return w.steps;
};

/** The steps of the removal of pools, for workflows that remove more than these. */
export const poolsGo = (c: Cluster, pools: readonly PoolMachines[], after: After): CloudStep[] => {
  const gone = pools.flatMap((m) => poolGoes(c, m, after));
  const refs = pools.map((m) => poolRef(c, m.pool));
  return [...gone, removeTemplates(c, refs, [...after, ...gone])];
};

const poolGoes = (c: Cluster, { pool, nodes }: PoolMachines, after: After): CloudStep[] => {
  const w = workflow();
  const ref = poolRef(c, pool);
  const where = `${pool.zone}/${ref.name}`;
  const { names } = c;
  const place = [ref.name, pool.zone] as const;
  const drained = w.add(
    drainNodes({ id: `drain:${where}`, title: message('Drain nodes of {0} in {1}', ...place), names, nodes, after }),
  );
  const group = {
    id: `remove-pool:${where}`,
    title: message('Delete node pool {0} in {1}', ...place),
    ref,
    owner: c,
  } as const;
  const gone = w.add(remove({ ...group, after: [drained], expectedMs: 40_000 }));
  const title = message('Delete the Node objects of {0} in {1}', ...place);
  w.add(forgetNodes({ id: `forget:${where}`, title, names, nodes, after: [gone] }));
  return w.steps;
};

/** Undo of a pool that was not made: at most a template was. */
export const removeUnused = (c: Cluster, by: Acting): CloudStep[] => {
  const w = workflow();
  const lease = w.add(holdLease(c, by, []));
  w.add(removeTemplates(c, [], [lease]));
  return w.steps;
};

/** More machines of the same template. */
export const growTo = (c: Cluster, p: PoolSpec, by: Acting): CloudStep[] => {
  const w = workflow();
  const { all: checks } = roomChecks(w, c, { masters: [], pools: [p] });
  const lease = w.add(holdLease(c, by, checks));
  const grown = w.add(growPool(c, p, [lease]));
  const full = w.add(fillPool(c, p, grown, []));
  const joined = w.add(nodesReady(c, p, [full]));
  w.add(validateCluster(c, [joined]));
  return w.steps;
};

/** Fewer machines: the victims are drained, then exactly these are deleted; the group never chooses by itself. */
export const shrinkTo = (c: Cluster, p: PoolSpec, victims: readonly string[], by: Acting): CloudStep[] => {
  const ref = poolRef(c, p);
  const where = `${p.zone}/${ref.name}`;
  const { names } = c;
  const place = [ref.name, p.zone] as const;
  const w = workflow();
  const lease = w.add(holdLease(c, { ...by, risky: true }, []));
  const drain = { id: `drain:${where}`, title: message('Drain nodes of {0} in {1}', ...place), names } as const;
  // Minutes after the plan the pool may be smaller already: what is no longer too much stays, and takes pods.
  const due = (world: Reads): Promise<readonly string[]> => dueVictims(world, c, p, victims);
  const gone = async (world: Reads): Promise<readonly string[]> => {
    const there = (await world.cloud.compute.managedInstances(ref)).map((m) => m.name);
    return victims.filter((name) => !there.includes(name));
  };
  const drained = w.add(drainNodes({ ...drain, nodes: victims, due, after: [lease] }));
  const deleted = w.add(deleteMachines(c, p, victims, [drained]));
  const settled = w.add(awaitSize(c, p, [deleted]));
  const forget = {
    id: `forget:${where}`,
    title: message('Delete the Node objects of {0} in {1}', ...place),
    names,
    nodes: victims,
  } as const;
  const forgotten = w.add(forgetNodes({ ...forget, due: gone, after: [settled] }));
  w.add(validateCluster(c, [forgotten]));
  return w.steps;
};
