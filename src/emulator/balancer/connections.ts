import type { Duplex } from 'node:stream';

/** Open connections through load balancers. Kept in memory only: they end with the process. */
export class Connections {
  private readonly open = new Map<string, Set<Duplex>>();

  /** Tracks a connection to a machine behind a backend service until it closes. */
  add(service: string, machine: string, socket: Duplex): void {
    const key = `${service} ${machine}`;
    const sockets = this.open.get(key) ?? new Set();
    this.open.set(key, sockets.add(socket));
    socket.on('close', () => sockets.delete(socket));
  }

  /** Closes all connections to a machine behind a backend service. */
  cut(service: string, machine: string): void {
    for (const socket of this.open.get(`${service} ${machine}`) ?? []) socket.destroy();
  }
}
