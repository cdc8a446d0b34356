import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const given = new Set<number>();

/** A loopback port that nobody listens on, never the same twice; below the range from which Linux takes the ports of outgoing connections. */
export const freePort = async (): Promise<number> => {
  const port = randomInt(10_000, 32_768);
  if (given.has(port)) return freePort();
  given.add(port);
  const server = createServer();
  const outcome = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!(await outcome)) return freePort();
  server.close();
  await once(server, 'close');
  return port;
};
