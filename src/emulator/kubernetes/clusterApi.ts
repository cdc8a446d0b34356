import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { text as bodyOf } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import { asOperatorError } from '../../lib/operatorError.ts';
import { issue } from '../guest/certificates.ts';
import { authorityOf } from '../guest/credentials.ts';
import { isUp, loadFromDisk, masterDisk, type PkiFiles } from '../guest/documents.ts';
import type { GuestHost, GuestMachine } from '../guestRuntime.ts';
import { failure, type Answer } from './answer.ts';
import type { ClusterStore } from './clusterStore.ts';
import { serveExec } from './exec.ts';
import type { ApiRequest, RequestScope } from './apiRequest.ts';
import { answer, refusal, requestTarget } from './requests.ts';
import { serveWatch } from './watch.ts';

interface Served {
  readonly bootId: string;
  readonly server: Server;
  readonly sockets: Set<Duplex>;
}

/** The API servers of all simulated masters: TLS servers that never listen but are passed their connections. */
export class ClusterApi {
  private readonly host: GuestHost;
  private readonly store: ClusterStore;
  private readonly served = new Map<string, Served>();

  constructor(host: GuestHost, store: ClusterStore) {
    this.host = host;
    this.store = store;
  }

  /** Whether something listens on the machine's port 443. */
  answers(machine: GuestMachine): boolean {
    return isUp(this.host, machine) && this.store.viewFrom(machine) !== undefined;
  }

  /** Whether `/readyz` is ok: etcd has quorum. */
  isReady(machine: GuestMachine): boolean {
    return isUp(this.host, machine) && this.store.viewFrom(machine)?.quorum === true;
  }

  connect(machine: GuestMachine, socket: Duplex): void {
    const { server, sockets } = this.servedBy(machine);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Errors of a disconnecting client are ignored.
    socket.on('error', () => socket.destroy());
    server.emit('connection', socket);
  }

  /** Ends a machine's connections when it loses power. */
  drop(key: string): void {
    const served = this.served.get(key);
    this.served.delete(key);
    for (const socket of served?.sockets ?? []) socket.destroy();
    served?.server.close();
  }

  close(): void {
    for (const key of [...this.served.keys()]) this.drop(key);
  }

  private servedBy(machine: GuestMachine): Served {
    const known = this.served.get(machine.key);
    if (known?.bootId === machine.bootId) return known;
    this.drop(machine.key);
    const server = createServer(this.identity(machine));
    const served: Served = { bootId: machine.bootId, server, sockets: new Set() };
    server.on('request', (request, response) => {
      bodyOf(request).then(
        (body) => this.serve(machine.key, request, response, body),
        () => response.destroy(), // the client disconnected
      );
    });
    server.on('upgrade', (request, socket, head) => this.upgrade(machine.key, request, socket, head));
    this.served.set(machine.key, served);
    return served;
  }

  // Client certificates are requested but not required: /readyz is public.
  private identity(machine: GuestMachine): object {
    const disk = masterDisk(machine);
    const pki: PkiFiles = (disk === undefined ? undefined : loadFromDisk(this.host, disk, 'pki')) ?? {};
    const authority = authorityOf(pki);
    const data = this.store.viewFrom(machine)?.data;
    const names = [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ];
    const addresses = [machine.internalIp, data?.internalIp, data?.externalIp, '127.0.0.1'].filter(
      (ip) => ip !== undefined,
    );
    const hosts = [...names, machine.name, 'localhost', ...addresses];
    const own = issue(
      this.host.ids,
      { commonName: 'kube-apiserver', hours: 365 * 24, use: 'server', hosts },
      authority,
    );
    return {
      cert: own.certificate,
      key: own.key,
      ca: authority.certificate,
      requestCert: true,
      // eslint-disable-next-line no-restricted-syntax -- the server's side: requests without a certificate are refused one by one
      rejectUnauthorized: false,
    };
  }

  private scope(key: string): RequestScope | undefined {
    const machine = this.host.instance(key);
    const uid = machine === undefined ? undefined : this.store.viewFrom(machine)?.data.uid;
    if (uid === undefined) return undefined;
    this.store.refresh(uid);
    return this.still(key);
  }

  private serve(key: string, incoming: IncomingMessage, response: ServerResponse, body: string): void {
    try {
      const scope = this.scope(key);
      const request = read(incoming, body);
      const target = requestTarget(request.url.pathname);
      if (scope === undefined) response.destroy();
      else if (
        target !== undefined &&
        target.sub === undefined &&
        isWatch(request) &&
        refusal(request) === undefined &&
        scope.view.quorum
      ) {
        // A notification is not a request: it must not trigger the controllers, or each would cause the next.
        serveWatch(
          (index) => this.still(key, index),
          target,
          request,
          response,
          (listener) => this.store.watch(listener),
        );
      } else send(response, answer(scope, request));
    } catch (error) {
      send(response, failure(500, asOperatorError(error).message));
    }
  }

  // The cluster now, or as stored at an earlier version.
  private still(key: string, index?: number): RequestScope | undefined {
    const { host, store } = this;
    const machine = host.instance(key);
    const now = machine === undefined ? undefined : store.viewFrom(machine);
    if (machine === undefined || now === undefined) return undefined;
    const { uid } = now.data;
    const data = index === undefined ? now.data : store.at(uid, index);
    if (data === undefined) return undefined;
    const view = { ...now, data };
    // Controllers react to a change immediately.
    const write: RequestScope['write'] = (change) => {
      const done = store.write(uid, change);
      if (done) store.refresh(uid);
      return done;
    };
    return { host, machine, view, write, look: () => store.viewFrom(machine) };
  }

  private upgrade(key: string, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const scope = this.scope(key);
    const request = read(incoming);
    const refused =
      scope === undefined
        ? failure(503, 'the server is stopping')
        : (refusal(request) ??
          serveExec(scope, {
            url: request.url,
            request: incoming,
            socket,
            head,
            subscribe: (listener) => this.store.watch(listener),
            still: () => this.still(key),
          }));
    if (refused === undefined) return;
    const body = JSON.stringify(refused.body);
    socket.end(
      `HTTP/1.1 ${refused.code} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
}

const isWatch = ({ method, url }: ApiRequest): boolean =>
  method === 'GET' && ['true', '1'].includes(url.searchParams.get('watch') ?? '');

const read = (incoming: IncomingMessage, body = ''): ApiRequest => ({
  method: incoming.method ?? 'GET',
  url: new URL(incoming.url ?? '/', 'https://kubernetes'),
  accept: incoming.headers.accept ?? '',
  type: (incoming.headers['content-type'] ?? '').split(';')[0] ?? '',
  body,
  user: userOf(incoming),
});

const userOf = ({ socket }: IncomingMessage): ApiRequest['user'] => {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const groups = subject.O;
  return { name: String(subject.CN), groups: groups === undefined ? [] : [groups].flat() };
};

const send = (response: ServerResponse, { code, body }: Answer): void => {
  const plain = typeof body === 'string';
  response.writeHead(code, {
    'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json',
    'cache-control': 'no-cache, private',
  });
  response.end(plain ? body : JSON.stringify(body));
};
