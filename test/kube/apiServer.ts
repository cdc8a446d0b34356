import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { issue } from '../../src/emulator/guest/certificates.ts';
import { systemIds } from '../../src/lib/ids.ts';

/** Status, JSON or text of an answer; `hang` never answers; `stream` holds the answer open. */
export type KubeReply = { status?: number; body: unknown } | { stream: (answer: ServerResponse) => void } | 'hang';

/** How a path was asked for. */
export interface Asked {
  readonly method: string;
  readonly type: string;
  readonly body: string;
}

/** What a command prints on stdout, or on stderr where it fails; `errors` where it prints on both. */
export interface Printed {
  readonly output: string;
  readonly errors?: string;
  readonly ok: boolean;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/**
 * An API server for one address of the documentation range, reached only through a CONNECT proxy with a secret, as the
 * emulator's are. It wants the client certificate of its own authority.
 */
export const apiServer = async (
  reply: (path: string, asked: Asked) => KubeReply,
  run: (command: string[]) => Printed,
  proxyHangs = false,
) => {
  const address = '192.0.2.1';
  const authority = issue(systemIds, { commonName: 'test CA', hours: 1, use: 'authority' });
  const ca = authority.certificate;
  const own = issue(systemIds, { commonName: 'api', hours: 1, use: 'server', hosts: [address] }, authority);
  const server = createHttps({ cert: own.certificate, key: own.key, ca, requestCert: true, rejectUnauthorized: true });
  const respond = (asked: IncomingMessage, body: string, answer: ServerResponse): void => {
    const said = reply(asked.url ?? '', {
      method: asked.method ?? '',
      type: asked.headers['content-type'] ?? '',
      body,
    });
    if (said === 'hang') return;
    if ('stream' in said) {
      answer.writeHead(200);
      answer.flushHeaders();
      said.stream(answer);
      return;
    }
    answer.writeHead(said.status ?? 200);
    answer.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body));
  };
  server.on('request', (asked: IncomingMessage, answer) => {
    void text(asked).then((body) => respond(asked, body, answer));
  });
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'v5.channel.k8s.io' });
  sockets.on('connection', (socket, asked) => {
    const url = new URL(asked.url ?? '', 'https://x');
    const { output, ok, errors } = run([url.pathname, ...url.searchParams.getAll('command')]);
    const frame = (channel: number, text: string): void =>
      socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
    if (output !== '') frame(ok || errors !== undefined ? 1 : 2, output);
    if (errors !== undefined && errors !== '') frame(2, errors);
    frame(3, JSON.stringify({ status: ok ? 'Success' : 'Failure' }));
    socket.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const open = new Set<Socket | Duplex>();
  const proxy = createHttp();
  const authorised = `Basic ${base64('trizone:secret')}`;
  proxy.on('connect', (asked: IncomingMessage, client: Socket) => {
    open.add(client);
    client.on('end', () => client.destroy());
    if (proxyHangs) {
      client.resume();
      return;
    }
    if (asked.url !== `${address}:443` || asked.headers['proxy-authorization'] !== authorised) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroySoon());
    for (const one of [upstream, client]) {
      open.add(one);
      one.on('error', () => undefined); // a test that hangs up is no failure of the server
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  const client = issue(systemIds, { commonName: 'admin', hours: 1, use: 'client' }, authority);
  const kubeconfig = (secret: string): string =>
    JSON.stringify({
      clusters: [
        {
          name: 'c',
          cluster: {
            server: `https://${address}`,
            'certificate-authority-data': base64(ca),
            'proxy-url': `http://trizone:${secret}@127.0.0.1:${(proxy.address() as AddressInfo).port}`,
          },
        },
      ],
      users: [
        {
          name: 'u',
          user: { 'client-certificate-data': base64(client.certificate), 'client-key-data': base64(client.key) },
        },
      ],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
  /** How many connections the proxy holds. */
  const held = (): Promise<number> =>
    new Promise((resolve, reject) =>
      proxy.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
  const close = (): void => {
    for (const one of open) one.destroy();
    sockets.close();
    server.close();
    server.closeAllConnections();
    proxy.close();
    proxy.closeAllConnections();
  };
  return { kubeconfig, close, held };
};
