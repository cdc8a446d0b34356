import type { GuestHost } from '../guestRuntime.ts';
import { failure, success, type Answer } from './answer.ts';
import type { ClusterData } from './clusterState.ts';
import { leaving } from './controllers/workloads.ts';
import type { KubeObject } from './kubeObject.ts';
import { podLife } from './podLife.ts';
import type { Scope } from './requests.ts';
import { budgetSpec, fits, objectKey, storedOf, type StoredObject } from './storedObject.ts';

interface BudgetStatus {
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
  readonly expectedPods: number;
}

/** Status of a PodDisruptionBudget by now. */
export const budgetNow = (host: GuestHost, data: ClusterData, budget: KubeObject): BudgetStatus => {
  const { minAvailable, maxUnavailable } = budgetSpec(budget);
  const pods = storedOf(data, 'pods').flatMap(([, pod]) => (isUnder(budget, pod) ? [pod] : []));
  const expectedPods = pods.filter((p) => p.pod?.deleting === undefined).length;
  const currentHealthy = pods.filter((p) => isHealthy(host, data, p)).length;
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

const isUnder = (budget: KubeObject, { object }: StoredObject): boolean =>
  object.metadata.namespace === budget.metadata.namespace &&
  fits(budgetSpec(budget).selector?.matchLabels, object.metadata.labels);

const isHealthy = (host: GuestHost, data: ClusterData, pod: StoredObject): boolean =>
  podLife(host, data, pod).ready && pod.pod?.deleting === undefined;

/** `pods/eviction` of policy/v1: deletes the pod unless a PodDisruptionBudget forbids it. */
export const evict = (scope: Scope, namespace: string, name: string): Answer => {
  const { host, view } = scope;
  const key = objectKey('pods', namespace, name);
  const stored = view.data.objects[key];
  if (stored === undefined) return failure(404, `pods "${name}" not found`, { name, kind: 'pods' });
  // A pod that is not healthy disturbs nobody by going, as long as the others suffice.
  const budgets = isHealthy(host, view.data, stored) ? storedOf(view.data, 'poddisruptionbudgets') : [];
  for (const [, { object }] of budgets.filter(([, b]) => isUnder(b.object, stored))) {
    const { disruptionsAllowed, currentHealthy, desiredHealthy } = budgetNow(host, view.data, object);
    if (disruptionsAllowed > 0) continue;
    const message = `The disruption budget ${object.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    return failure(429, "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [{ reason: 'DisruptionBudget', message }],
    });
  }
  const done = scope.write(({ data }) => ({
    data: { ...data, objects: { ...data.objects, [key]: leaving(host, stored) } },
  }));
  return done ? success(201) : failure(500, 'etcdserver: request timed out');
};
