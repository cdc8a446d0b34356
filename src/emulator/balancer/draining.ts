import type { Duplex } from 'node:stream';
import type { Cloud } from '../cloud.ts';
import { find, referrers } from '../compute/catalog.ts';
import { partsOf } from '../compute/paths.ts';
import type { BackendService } from '../compute/resources.ts';
import { backendsOf } from './rules.ts';

/** Open connections through load balancers. Only in memory: with the process they end anyway. */
export class Connections {
  private readonly open = new Map<string, Set<Duplex>>();

  /** Remembers a connection to a machine behind a backend service until it closes. */
  add(service: string, machine: string, socket: Duplex): void {
    const key = `${service} ${machine}`;
    const sockets = this.open.get(key) ?? new Set();
    this.open.set(key, sockets.add(socket));
    socket.on('close', () => sockets.delete(socket));
  }

  /** Ends all connections to a machine behind a backend service. */
  cut(service: string, machine: string): void {
    for (const socket of this.open.get(`${service} ${machine}`) ?? []) socket.destroy();
  }
}

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
