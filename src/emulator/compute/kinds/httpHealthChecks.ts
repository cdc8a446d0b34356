import type { KindRules } from '../kind.ts';
import { timing } from './healthChecks.ts';

/** Legacy HTTP health checks, the only type that target pools accept. */
export const httpHealthCheckRules: KindRules = {
  collection: 'httpHealthChecks',
  noun: 'http_health_check',
  type: 'httpHealthCheck',
  services: [{ name: 'HttpHealthChecks', scope: 'global' }],
  inUseAnswer: 'request',
  draft: (_cloud, { body }) => ({ port: body.port ?? 80, requestPath: body.requestPath ?? '/', ...timing(body) }),
};
