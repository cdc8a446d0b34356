import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterData } from './clusterState.ts';
import type { KubeObject } from './kubeObject.ts';
import { podLife } from './podLife.ts';
import { budgetSpec, fits, storedOf, type StoredObject } from './storedObject.ts';

interface BudgetStatus {
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
  readonly expectedPods: number;
}

/** Current status of a PodDisruptionBudget. */
export const budgetNow = (host: GuestHost, data: ClusterData, budget: KubeObject): BudgetStatus => {
  const { minAvailable, maxUnavailable } = budgetSpec(budget);
  const pods = storedOf(data, 'pods').flatMap(([, pod]) => (isUnder(budget, pod) ? [pod] : []));
  const expectedPods = pods.filter((p) => p.pod?.deleting === undefined).length;
  const currentHealthy = pods.filter((p) => isPodHealthy(host, data, p)).length;
  const count = (rule: number | string): number =>
    typeof rule === 'number' ? rule : Math.ceil((Number.parseFloat(rule) / 100) * expectedPods);
  const desiredHealthy =
    maxUnavailable === undefined ? count(minAvailable ?? 0) : Math.max(0, expectedPods - count(maxUnavailable));
  return {
    currentHealthy,
    desiredHealthy,
    disruptionsAllowed: Math.max(0, currentHealthy - desiredHealthy),
    expectedPods,
  };
};

/** Whether a budget covers this pod. */
export const isUnder = (budget: KubeObject, { object }: StoredObject): boolean =>
  object.metadata.namespace === budget.metadata.namespace &&
  fits(budgetSpec(budget).selector?.matchLabels, object.metadata.labels);

/** Whether a pod is ready and not terminating. */
export const isPodHealthy = (host: GuestHost, data: ClusterData, pod: StoredObject): boolean =>
  podLife(host, data, pod).ready && pod.pod?.deleting === undefined;
