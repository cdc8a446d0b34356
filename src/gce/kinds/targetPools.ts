import { links, resource } from '../fields.ts';
import type { RemovableRow } from '../kind.ts';
import { forwardingRules } from './forwardingRules.ts';

/** Target pools: Kubernetes creates them for Services of type LoadBalancer. */
export const targetPools = {
  client: 'targetPools',
  one: 'targetPool',
  scope: 'region',
  aggregated: 'targetPools',
  schema: resource({ instances: links, healthChecks: links }),
  noun: 'target pool',
  gcloud: 'target-pools',
  group: 'Load balancer',
  billed: false,
  goesAfter: [forwardingRules],
} as const satisfies RemovableRow;
