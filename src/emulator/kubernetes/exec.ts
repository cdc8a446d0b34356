import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { failure, type Answer } from './answer.ts';
import type { Etcd } from './etcd.ts';
import { etcdctl } from './etcdctl.ts';
import type { Printed } from './etcdctlWords.ts';
import type { Scope } from './requests.ts';

// Kubernetes' remote command protocol: the first byte of a message is its channel.
const channel = { stdout: 1, stderr: 2, status: 3 } as const;
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const path = /^\/api\/v1\/namespaces\/kube-system\/pods\/([^/]+)\/exec$/;

const server = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => protocols.find((p) => offered.has(p)) ?? false,
});

/** Runs `etcdctl` in a static etcd pod over WebSocket, or says why not; other commands and pods are not simulated. */
export const serveExec = (
  scope: Scope,
  url: URL,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Answer | undefined => {
  const pod = path.exec(url.pathname)?.[1];
  const member = scope.view.etcd.members.find((m) => pod === `etcd-${m.name}`);
  if (pod === undefined) return failure(404, 'the server could not find the requested resource');
  if (member === undefined) return failure(404, `pods "${pod}" not found`, { name: pod, kind: 'pods' });
  // The API server asks the pod's kubelet, which is silent when its machine is.
  if (!scope.view.running.has(member.id))
    return failure(500, `error dialing backend: dial tcp: connect to ${member.name}:10250: i/o timeout`);
  const command = url.searchParams.getAll('command');
  if (command.length === 0) return failure(400, 'you must specify at least 1 command for the container');
  server.handleUpgrade(request, socket, head, (connection) => run(connection, scope, member.id, command));
  return undefined;
};

const run = (connection: WebSocket, scope: Scope, member: string, command: readonly string[]): void => {
  const [program = '', ...args] = command;
  const { host, view, write } = scope;
  const pod = {
    view,
    self: member,
    now: host.clock.now(),
    ids: host.ids,
    write: (etcd: Etcd) => write(() => ({ etcd })),
  };
  const printed = program === 'etcdctl' ? etcdctl(pod, args) : notFound(program);
  const send = (to: number, text: string): void =>
    connection.send(Buffer.concat([Buffer.from([to]), Buffer.from(text)]));
  if (printed.stdout !== '') send(channel.stdout, printed.stdout);
  if (printed.stderr !== '') send(channel.stderr, printed.stderr);
  send(channel.status, JSON.stringify(statusOf(printed, command)));
  connection.close(1000);
};

const notFound = (program: string): Printed => ({
  stdout: '',
  stderr: `exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH\n`,
  code: 127,
});

const statusOf = ({ code }: Printed, command: readonly string[]): object =>
  code === 0
    ? { metadata: {}, status: 'Success' }
    : {
        metadata: {},
        status: 'Failure',
        message: `command terminated with non-zero exit code: error executing command [${command.join(' ')}], exit code ${code}`,
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
        code: 500,
      };
