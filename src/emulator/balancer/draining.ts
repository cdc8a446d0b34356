import type { Cloud } from '../cloud.ts';
import { find, referrers } from '../compute/catalog.ts';
import { partsOf } from '../compute/paths.ts';
import type { BackendService } from '../compute/resources.ts';
import { backendsOf } from './rules.ts';

interface Drained {
  readonly service: string;
  readonly machine: string;
}

/**
 * Drains a machine that leaves a group: open connections get the
 * backend service's draining time, new ones go elsewhere.
 */
export const drainFrom = (cloud: Cloud, group: string, machine: string): void => {
  for (const service of referrers(cloud, group).filter((path) => partsOf(path).collection === 'backendServices')) {
    const seconds = find<BackendService>(cloud, service)?.connectionDraining?.drainingTimeoutSec ?? 0;
    cloud.scheduler.in(seconds * 1000, 'balancer.drained', { service, machine } satisfies Drained);
  }
};

/** Closes the connections still open after the draining time, unless the machine has rejoined. */
export const endDraining = (cloud: Cloud, payload: unknown): void => {
  const { service, machine } = payload as Drained;
  if (!backendsOf(cloud, service).includes(machine)) cloud.connections.cut(service, machine);
};
