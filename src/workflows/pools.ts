import type { Cluster, PoolSpec } from '../model/cluster.ts';
import { drainNodes, forgetNodes } from '../steps/drain.ts';
import { holdLease, type Acting } from '../steps/lease.ts';
import { awaitSize, deleteMachines, dueVictims, ensurePool, fillPool, growPool, poolRef } from '../steps/pool.ts';
import { nodesReady } from '../steps/poolNodes.ts';
import { remove } from '../steps/resource.ts';
import { ensureTemplate, removeTemplates } from '../steps/template.ts';
import { validateCluster } from '../steps/validate.ts';
import type { CloudStep, Reads } from '../steps/world.ts';
import { machineChecks, roomChecks } from './machineChecks.ts';

/** Template, group, machines, nodes. kube-up: KUBE_USE_EXISTING_MASTER=true (create-nodes in cluster/gce/util.sh). */
export const addPool = (c: Cluster, p: PoolSpec, by: Acting): CloudStep[] => {
  const { all: checks, parts } = machineChecks(c, { masters: [], pools: [p] });
  const lease = holdLease(c, by, checks);
  const template = ensureTemplate(c, p, parts, [lease]);
  const pool = ensurePool(c, p, template, [lease]);
  const full = fillPool(c, p, pool, []);
  const joined = nodesReady(c, p, [full]);
  const valid = validateCluster(c, [joined]);
  return [...checks, lease, template, pool, full, joined, valid];
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
  const lease = holdLease(c, by, []);
  const steps = poolsGo(c, [m], [lease]);
  return [lease, ...steps, validateCluster(c, steps)];
};

/** The steps of the removal of pools, for workflows that remove more than these. */
export const poolsGo = (c: Cluster, pools: readonly PoolMachines[], after: readonly CloudStep[]): CloudStep[] => {
  const steps = pools.flatMap((m) => poolGoes(c, m, after));
  const templates = removeTemplates(
    c,
    pools.map((m) => poolRef(c, m.pool)),
    [...after, ...steps],
  );
  return [...steps, templates];
};

const poolGoes = (c: Cluster, { pool, nodes }: PoolMachines, after: readonly CloudStep[]): CloudStep[] => {
  const ref = poolRef(c, pool);
  const where = `${pool.zone}/${ref.name}`;
  const [names, place] = [c.names, `${ref.name} in ${pool.zone}`];
  const drained = drainNodes({ id: `drain:${where}`, title: `Drain nodes of ${place}`, names, nodes, after });
  const gone = remove({
    id: `remove-pool:${where}`,
    title: `Remove node pool ${place}`,
    after: [drained],
    ref,
    owner: c,
    expectedMs: 40_000,
  });
  const title = `Remove the Node objects of ${place}`;
  const forgotten = forgetNodes({ id: `forget:${where}`, title, names, nodes, after: [gone] });
  return [drained, gone, forgotten];
};

/** Undo of a pool that was not made: at most a template was. */
export const removeUnused = (c: Cluster, by: Acting): CloudStep[] => {
  const lease = holdLease(c, by, []);
  return [lease, removeTemplates(c, [], [lease])];
};

/** More machines of the same template. */
export const growTo = (c: Cluster, p: PoolSpec, by: Acting): CloudStep[] => {
  const { all: checks } = roomChecks(c, { masters: [], pools: [p] });
  const lease = holdLease(c, by, checks);
  const grown = growPool(c, p, [lease]);
  const full = fillPool(c, p, grown, []);
  const joined = nodesReady(c, p, [full]);
  return [...checks, lease, grown, full, joined, validateCluster(c, [joined])];
};

/** Fewer machines: the victims are drained, then exactly these are deleted; the group never chooses by itself. */
export const shrinkTo = (c: Cluster, p: PoolSpec, victims: readonly string[], by: Acting): CloudStep[] => {
  const ref = poolRef(c, p);
  const where = `${p.zone}/${ref.name}`;
  const [names, place] = [c.names, `${ref.name} in ${p.zone}`];
  const lease = holdLease(c, { ...by, risky: true }, []);
  const drain = { id: `drain:${where}`, title: `Drain nodes of ${place}`, names } as const;
  // Minutes after the plan the pool may be smaller already: what is no longer too much stays, and takes pods.
  const due = (world: Reads): Promise<readonly string[]> => dueVictims(world, c, p, victims);
  const gone = async (world: Reads): Promise<readonly string[]> => {
    const there = (await world.cloud.compute.managedInstances(ref)).map((m) => m.name);
    return victims.filter((name) => !there.includes(name));
  };
  const drained = drainNodes({ ...drain, nodes: victims, due, after: [lease] });
  const deleted = deleteMachines(c, p, victims, [drained]);
  const settled = awaitSize(c, p, [deleted]);
  const title = `Remove the Node objects of ${place}`;
  const forgotten = forgetNodes({ id: `forget:${where}`, title, names, nodes: victims, due: gone, after: [settled] });
  return [lease, drained, deleted, settled, forgotten, validateCluster(c, [forgotten])];
};
