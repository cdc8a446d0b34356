import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Cluster, PoolSpec } from '../model/cluster.ts';
import { apiOf } from './kubernetesApi.ts';
import { poolRef } from './pool.ts';
import type { Reads } from './world.ts';

/** What speaks for and against a machine when a pool shrinks. */
export interface Candidate {
  readonly name: string;
  /** Chosen by an interrupted run. */
  readonly known: boolean;
  readonly unschedulable: boolean;
  readonly ready: boolean;
  /** Pods that would have to move. */
  readonly pods: number;
}

/**
 * The machines that a shrinking pool gives up, so that the fewest pods move: those that an interrupted run chose or left
 * cordoned, then those that do not serve, then those with the fewest pods. Names decide between equals, so that the choice is
 * the same the next time.
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
 * Asks Compute Engine and Kubernetes, and ranks: `count` machines that are there, those first that an interrupted run had chosen.
 * Known victims that are gone already are kept: their Nodes may be left.
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
