import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { OperatorError } from '../../lib/operatorError.ts';
import type { Dispatcher } from './dispatcher.ts';
import { splitTarget } from './message.ts';

/** Longer bodies are cut off: no request that this cloud understands is that large. */
const bodyLimit = 8 * 1024 * 1024;

/** The loopback HTTP server in front of the dispatcher; `connect` handles CONNECT requests. */
export const httpServer = (
  dispatcher: Dispatcher,
  wallNow: () => number,
  connect: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Server => {
  const server = createServer((request, response) => {
    answer(dispatcher, wallNow, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.on('connect', connect);
  server.keepAliveTimeout = 60_000;
  return server;
};

const answer = async (
  dispatcher: Dispatcher,
  wallNow: () => number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const result = await dispatcher.serve({
    method: request.method ?? 'GET',
    ...splitTarget(request.url ?? '/'),
    headers: flatHeaders(request),
    body: await readBody(request),
    signal: gone.signal,
  });
  if (result === 'reset') {
    response.destroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(result.status, {
    date: new Date(wallNow()).toUTCString(),
    ...result.headers,
    'content-length': Buffer.byteLength(result.body),
  });
  response.end(result.body);
};

const flatHeaders = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]));

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw new OperatorError('bad-request', `Request body is larger than ${bodyLimit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
