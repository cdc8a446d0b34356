import type { Cloud } from '../cloud.ts';
import { find, referrers } from '../compute/catalog.ts';
import { partsOf } from '../compute/paths.ts';
import type { BackendService } from '../compute/resources.ts';
import { backendsOf } from './rules.ts';

interface Drained {
  readonly service: string;
  readonly machine: string;
}

/** A machine leaves a group: connections that are open get the backend service's draining time, new ones go elsewhere at once. */
export const drainFrom = (cloud: Cloud, group: string, machine: string): void => {
  for (const service of referrers(cloud, group).filter((path) => partsOf(path).collection === 'backendServices')) {
    const seconds = find<BackendService>(cloud, service)?.connectionDraining?.drainingTimeoutSec ?? 0;
    cloud.scheduler.in(seconds * 1000, 'balancer.drained', { service, machine } satisfies Drained);
  }
};

/** The draining time is over: what is still open ends, unless the machine has come back. */
export const endDraining = (cloud: Cloud, payload: unknown): void => {
  const { service, machine } = payload as Drained;
  if (!backendsOf(cloud, service).includes(machine)) cloud.connections.cut(service, machine);
};
