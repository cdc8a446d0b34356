import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Cloud } from '../cloud.ts';
import { dialFromOutside } from '../balancer/dial.ts';
import { ruleAt, backendServiceOf } from '../balancer/rules.ts';
import { machineKey } from '../machines.ts';
import type { CallerOf } from './admission.ts';

/**
 * HTTP CONNECT: the way from this computer to the addresses of emulated machines. The user name is ignored; the
 * password is a caller's token. A black hole answers 504 at once: waiting for it has no use.
 */
export const connectProxy =
  (cloud: Cloud, callerOf: CallerOf): ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) =>
  (request, socket, head) => {
    socket.on('error', () => socket.destroy()); // the peer broke the connection: there is no one to answer
    if (callerOf(passwordOf(request)) === undefined) {
      refuse(socket, '407 Proxy Authentication Required', ['Proxy-Authenticate: Basic realm="trizone"']);
      return;
    }
    const [ip = '', port = ''] = (request.url ?? '').split(':');
    const target = { method: 'CONNECT', path: request.url ?? '', kind: 'connections', verb: 'connect', name: ip };
    const fault = cloud.store.transact(() => cloud.faults.take(target));
    if (fault === 'resetBefore' || fault === 'resetAfter') {
      socket.destroy();
      return;
    }
    if (typeof fault === 'object' && fault.type === 'apiServerUnreachable') {
      if (fault.how === 'refused') refuse(socket, '502 Bad Gateway');
      else hang(socket);
      return;
    }
    const through = cloud.guests().reach?.(ip, Number(port));
    if (through === undefined) hand(cloud, ip, Number(port), socket, head);
    else join(through, socket, head);
  };

// Open and silent until the peer closes; resume() because an unread socket would not notice that.
const hang = (socket: Duplex): void => void socket.resume().on('end', () => socket.destroy());

const hand = (cloud: Cloud, ip: string, port: number, socket: Duplex, head: Buffer): void => {
  const path = dialFromOutside(cloud, ip, port);
  if (path === undefined) {
    refuse(socket, '504 Gateway Timeout');
    return;
  }
  const rule = ruleAt(cloud, ip, port, undefined);
  if (rule !== undefined) cloud.connections.add(backendServiceOf(cloud, rule), path, socket);
  socket.write(established);
  if (head.length > 0) socket.unshift(head);
  if (!cloud.store.transact(() => cloud.guests().connect(machineKey(path), port, socket))) socket.destroy();
};

const established = 'HTTP/1.1 200 Connection Established\r\n\r\n';

const join = (through: Socket, socket: Duplex, head: Buffer): void => {
  let open = false;
  through.once('connect', () => {
    open = true;
    socket.write(established);
    through.write(head);
    socket.pipe(through).pipe(socket);
  });
  through.on('error', () => (open ? socket.destroy() : refuse(socket, '504 Gateway Timeout')));
  through.on('close', () => socket.destroy());
  socket.on('close', () => through.destroy());
};

const passwordOf = (request: IncomingMessage): string => {
  const encoded = /^Basic (.+)$/.exec(request.headers['proxy-authorization'] ?? '')?.[1] ?? '';
  return Buffer.from(encoded, 'base64').toString('utf8').split(/:(.*)/s)[1] ?? '';
};

const refuse = (socket: Duplex, status: string, headers: readonly string[] = []): void =>
  void socket.end([`HTTP/1.1 ${status}`, ...headers, 'Content-Length: 0', 'Connection: close', '', ''].join('\r\n'));
