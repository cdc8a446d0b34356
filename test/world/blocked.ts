// Pods that may not move: two of them, and a budget that wants both.
const labels = { app: 'web' };
/** The workload. */
export const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
  },
};

/** The budget that holds its pods. */
export const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'both' },
  spec: { minAvailable: 2, selector: { matchLabels: labels } },
};
