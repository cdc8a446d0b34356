import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { wallClock } from '../../lib/clock.ts';
import type { Printed } from './etcdctlWords.ts';

// Kubernetes' remote command protocol: the first byte of a message is its channel.
const channel = { stdout: 1, stderr: 2, status: 3 } as const;

/** What a container's runtime needs to start a program, milliseconds of wall time: the client's sockets know no other. */
const startMs = 50;

/**
 * Resolves once the program in the container may say something; never where the client goes before.
 *
 * kubectl before 1.34 reads the connection while it still makes its streams, and throws away what comes for a stream that is
 * not made yet: output is lost, or all of it with "closed all streams". A real API server still has to reach the kubelet and a
 * process has to start, so nobody sees it there. The answer to a ping says that the client reads; that its streams are made,
 * it says nowhere (without stdin it sends nothing), so from that answer on the start's time is waited for.
 */
export const programStart = (connection: WebSocket, { headers }: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    connection.once('pong', () => resolve(isClientGo(headers) ? wallClock.sleep(startMs) : undefined));
    connection.ping();
  });

// It offers this one alone. Others, as our own, offer older ones too and know their streams from the first; they ask often, and
// virtual time stands still meanwhile.
const isClientGo = (headers: IncomingMessage['headers']): boolean =>
  headers['sec-websocket-protocol'] === 'v5.channel.k8s.io';

/** Sends what a command printed and how it ended, and closes the connection. */
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
