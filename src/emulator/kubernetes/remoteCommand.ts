import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { wallClock } from '../../lib/clock.ts';
import type { Printed } from './etcdctlWords.ts';

// Kubernetes' remote command protocol: the first byte of a message is its channel.
const channel = { stdout: 1, stderr: 2, status: 3 } as const;

/** Time that a container runtime takes to start a program, milliseconds of wall time: the client's sockets use no other. */
const startMs = 50;

/**
 * Resolves once the program in the container may send output; never if the client disconnects first.
 *
 * kubectl before 1.34 reads the connection while it is still creating its streams, and discards data for streams that
 * do not exist yet: output is lost, or all of it with "closed all streams". With a real API server, reaching the
 * kubelet and starting a process takes long enough to hide this. The pong shows that the client reads; nothing shows
 * that its streams exist (without stdin it sends nothing), so the start time is waited for after the pong.
 */
export const programStart = (connection: WebSocket, { headers }: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    connection.once('pong', () => resolve(isClientGo(headers) ? wallClock.sleep(startMs) : undefined));
    connection.ping();
  });

// client-go offers only this protocol. Other clients, like ours, also offer older ones and know their streams from the
// first; they exec often, and virtual time stands still during a wait.
const isClientGo = (headers: IncomingMessage['headers']): boolean =>
  headers['sec-websocket-protocol'] === 'v5.channel.k8s.io';

/** Sends a command's output and exit status, then closes the connection. */
export const sendResult = (connection: WebSocket, printed: Printed, command: readonly string[]): void => {
  const send = (to: number, text: string): void =>
    connection.send(Buffer.concat([Buffer.from([to]), Buffer.from(text)]));
  if (printed.stdout !== '') send(channel.stdout, printed.stdout);
  if (printed.stderr !== '') send(channel.stderr, printed.stderr);
  send(channel.status, JSON.stringify(statusOf(printed, command)));
  connection.close(1000);
};

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
