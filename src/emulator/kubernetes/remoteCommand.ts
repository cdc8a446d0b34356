import type { WebSocket } from 'ws';
import type { Printed } from './etcdctlWords.ts';

// Kubernetes' remote command protocol: the first byte of a message is its channel.
const channel = { stdout: 1, stderr: 2, status: 3 } as const;

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
