import { failure, success, type Answer } from './answer.ts';
import { budgetNow, isPodHealthy, isUnder } from './budgets.ts';
import { leaving } from './controllers/workloads.ts';
import type { RequestScope } from './apiRequest.ts';
import { objectKey, storedOf } from './storedObject.ts';

/** `pods/eviction` of policy/v1: deletes the pod unless a PodDisruptionBudget forbids it. */
export const evict = (scope: RequestScope, namespace: string, name: string): Answer => {
  const { host, view } = scope;
  const key = objectKey('pods', namespace, name);
  const stored = view.data.objects[key];
  if (stored === undefined) return failure(404, `pods "${name}" not found`, { name, kind: 'pods' });
  // Evicting an unhealthy pod disrupts nothing, as long as there are enough others.
  const budgets = isPodHealthy(host, view.data, stored) ? storedOf(view.data, 'poddisruptionbudgets') : [];
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
