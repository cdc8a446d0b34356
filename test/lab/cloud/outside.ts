import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { ipIn } from '../machines/commands.ts';
import { fabricNamespace } from '../machines/names.ts';

/** The external address (RFC 5737) and its name: where a pod's egress leads. */
export const outside = { ip: '203.0.113.10', name: 'outside.example' } as const;

/** An external web server that answers with the address of its client. */
export const outsideServer = async (): Promise<Server> => {
  await ipIn(fabricNamespace, [`addr replace ${outside.ip}/32 dev lo`]);
  const server = createServer((request, response) => {
    response.setHeader('connection', 'close').end(request.socket.remoteAddress);
  }).listen(80, outside.ip);
  await once(server, 'listening');
  return server;
};
