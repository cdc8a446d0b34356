import { invalidField, invalidValue } from '../../http/apiError.ts';
import type { ValidBody } from '../../schema/validator.ts';
import { textOf } from '../call.ts';
import type { KindRules } from '../kind.ts';
import type { HealthCheck } from '../resources.ts';

/** Supported check types, with their body field and default port. */
const types: Readonly<Record<string, { field: string; port: number }>> = {
  HTTPS: { field: 'httpsHealthCheck', port: 443 },
  HTTP: { field: 'httpHealthCheck', port: 80 },
  TCP: { field: 'tcpHealthCheck', port: 80 },
};

/** Health checks, regional and global. */
export const healthCheckRules: KindRules = {
  collection: 'healthChecks',
  noun: 'health_check',
  type: 'healthCheck',
  services: [
    { name: 'RegionHealthChecks', scope: 'region' },
    { name: 'HealthChecks', scope: 'global' },
  ],
  quota: { metric: 'HEALTH_CHECKS', scope: 'project' },
  inUseAnswer: 'request',
  draft: (_cloud, { body }) => ({ ...timing(body), ...target(body) }),
};

/** Interval, timeout, and thresholds of a check, with Google's defaults. */
export const timing = (body: ValidBody): Partial<HealthCheck> => {
  const number = (name: string, fallback: number, most: number): number => {
    const value = (body[name] ?? fallback) as number;
    if (value < 1 || value > most) throw invalidField(`resource.${name}`, value, `Must be between 1 and ${most}.`);
    return value;
  };
  const checkIntervalSec = number('checkIntervalSec', 5, 300);
  const timeoutSec = number('timeoutSec', 5, 300);
  if (timeoutSec > checkIntervalSec) {
    throw invalidValue('TimeoutSec should be less than or equal to checkIntervalSec.');
  }
  const healthyThreshold = number('healthyThreshold', 2, 10);
  return { checkIntervalSec, timeoutSec, healthyThreshold, unhealthyThreshold: number('unhealthyThreshold', 2, 10) };
};

const target = (body: ValidBody): object => {
  const type = textOf(body, 'type');
  const found = types[type];
  if (found === undefined) {
    throw invalidField(
      'resource.type',
      type,
      `This emulator supports health checks of these types only: ${Object.keys(types).join(', ')}.`,
    );
  }
  const extra = Object.values(types).find((t) => t.field !== found.field && body[t.field] !== undefined);
  if (extra !== undefined) throw invalidField(`resource.${extra.field}`, '', `Not valid for type ${type}.`);
  const path = type === 'TCP' ? {} : { requestPath: '/' };
  return {
    type,
    [found.field]: { port: found.port, proxyHeader: 'NONE', ...path, ...(body[found.field] as object | undefined) },
  };
};
