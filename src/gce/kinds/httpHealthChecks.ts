import { count, resource, textField } from '../fields.ts';
import type { RemovableRow } from '../kind.ts';
import { targetPools } from './targetPools.ts';

/** Legacy health checks of target pools. */
export const httpHealthChecks = {
  client: 'httpHealthChecks',
  one: 'httpHealthCheck',
  scope: 'global',
  schema: resource({ port: count, requestPath: textField }),
  noun: 'legacy health check',
  gcloud: 'http-health-checks',
  group: 'Load balancer',
  billed: false,
  goesAfter: [targetPools],
} as const satisfies RemovableRow;
