import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OperatorError } from '../../lib/operatorError.ts';

/**
 * Listens on loopback and returns the port. If a remembered port is
 * taken, any free one will do; a requested port is required.
 */
export const bind = async (server: Server, port: number, otherIsFine: boolean): Promise<number> => {
  try {
    return await bindTo(server, port);
  } catch (error) {
    if (otherIsFine && port !== 0) return bindTo(server, 0);
    throw new OperatorError('emulator', `The emulator cannot listen on the port: ${port}`, {
      cause: error,
      remedy: 'Choose another port with --port, or omit it.',
    });
  }
};

const bindTo = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
