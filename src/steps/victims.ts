import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Cluster, PoolSpec } from '../model/cluster.ts';
import { apiOf } from './kubernetesApi.ts';
import { poolRef } from './pool.ts';
import type { Reads } from './world.ts';

/** The criteria for removing an instance when a pool shrinks. */
export interface Candidate {
  readonly name: string;
  /** Selected by an interrupted run. */
  readonly known: boolean;
  readonly unschedulable: boolean;
  readonly ready: boolean;
  /** Number of pods that would have to move. */
  readonly pods: number;
}

/**
 * Selects the instances to remove from a shrinking pool, so that the fewest pods move: first those that an interrupted
 * run selected or left cordoned, then those that are not Ready, then those with the fewest pods. Ties are broken by
 * name, so that a repeated selection is the same.
 */
export const rankVictims = (candidates: readonly Candidate[], count: number): string[] => {
  const rank = (c: Candidate): readonly number[] => [c.known ? 0 : 1, c.unschedulable ? 0 : 1, c.ready ? 1 : 0, c.pods];
  return [...candidates]
    .sort((left, right) => {
      const [ra, rb] = [rank(left), rank(right)];
      const differ = ra.findIndex((x, i) => x !== rb[i]);
      return differ < 0 ? left.name.localeCompare(right.name) : (ra[differ] ?? 0) - (rb[differ] ?? 0);
    })
    .slice(0, count)
    .map((c) => c.name);
};

/**
 * Queries Compute Engine and Kubernetes, and ranks: `count` existing instances, first those that an interrupted run had
 * selected. Known victims that are already gone are kept: their Nodes may remain.
 */
export const chooseVictims = async (
  world: Reads,
  cluster: Cluster,
  pool: PoolSpec,
  count: number,
  known: readonly string[],
): Promise<string[]> => {
  const kubernetes = await apiOf(world, cluster.names);
  const [machines, nodes, pods] = await Promise.all([
    world.cloud.compute.managedInstances(poolRef(cluster, pool)),
    kubernetes.nodes(),
    kubernetes.boundPods(),
  ]);
  const there = machines.filter((m) => m.action !== 'DELETING').map((m) => m.name);
  const candidates = there.map((name): Candidate => {
    const node = nodes.find((n) => n.name === name);
    const moving = pods.filter((pod) => pod.node === name && (pod.kind === 'bare' || pod.kind === 'controlled'));
    const facts = { unschedulable: node?.unschedulable ?? false, ready: node?.ready ?? false };
    return { name, known: known.includes(name), ...facts, pods: moving.length };
  });
  if (count > candidates.length)
    throw new OperatorError('conflict', `The pool is changing: ${candidates.length} of ${pool.nodes} instances exist`, {
      retry: 'soon',
      remedy: toRun('Wait until the pool is stable', command`trizone validate`),
    });
  const gone = known.filter((name) => !there.includes(name));
  return [...gone, ...rankVictims(candidates, Math.max(0, count))];
};
