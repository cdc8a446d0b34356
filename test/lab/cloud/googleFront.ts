import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { text as bodyOf } from 'node:stream/consumers';
import type { Emulator } from '../../../src/emulator/emulator.ts';
import { issue, type KeyPair } from '../../../src/emulator/guest/certificates.ts';
import type { GuestHost } from '../../../src/emulator/guestRuntime.ts';
import { randomText, type Ids } from '../../../src/lib/ids.ts';
import { OperatorError } from '../../../src/lib/operatorError.ts';
import type { Broken } from './broken.ts';

const names = ['secretmanager.googleapis.com', 'compute.googleapis.com'];

/** Access tokens of machines' service accounts, as issued by the metadata server. */
export class MachineTokens {
  private readonly ids: Ids;
  private readonly byKey = new Map<string, string>();

  constructor(ids: Ids) {
    this.ids = ids;
  }

  of(key: string): string {
    const known = this.byKey.get(key) ?? `ya29.${randomText(this.ids, 40)}`;
    this.byKey.set(key, known);
    return known;
  }

  machineOf(token: string): string | undefined {
    return [...this.byKey].find(([, known]) => known === token)?.[0];
  }
}

/** Dependencies of the front. */
export interface FrontParts {
  readonly emulator: Emulator;
  readonly host: GuestHost;
  readonly tokens: MachineTokens;
  readonly ids: Ids;
  readonly authority: KeyPair;
  readonly broken: Broken;
}

/** Google's endpoints as machines reach them: TLS, a per-machine token, and only the service account's permissions. */
export const googleFront = (parts: FrontParts): Server => {
  const request = { commonName: names[0] ?? '', hours: 48, use: 'server', hosts: names } as const;
  const { certificate, key } = issue(parts.ids, request, parts.authority);
  return createServer({ cert: certificate, key }, (incoming, response) => {
    serve(parts, incoming, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
};

const serve = async (parts: FrontParts, incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { emulator, host, tokens } = parts;
  const machine = tokens.machineOf((incoming.headers.authorization ?? '').replace(/^Bearer /, ''));
  if (machine === undefined)
    return refuse(response, 401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
  const url = new URL(incoming.url ?? '/', 'https://google');
  const method = incoming.method ?? 'GET';
  if (parts.broken.secretManager && url.pathname.startsWith('/v1/'))
    return refuse(response, 503, 'UNAVAILABLE', 'The service is currently unavailable.');
  const refused = refusal(host, machine, method, url.pathname);
  if (refused !== undefined) return refuse(response, 403, 'PERMISSION_DENIED', refused);
  const body = await bodyOf(incoming);
  const answer = await emulator.fetch(`http://127.0.0.1${url.pathname}${url.search}`, {
    method,
    headers: {
      authorization: `Bearer ${emulator.secret}`,
      'content-type': incoming.headers['content-type'] ?? 'application/json',
    },
    ...(method === 'GET' ? {} : { body }),
  });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
  response.end(await answer.text());
};

// The emulator knows one caller; here the machine's roles apply.
// Versions can be read, added, listed, and destroyed, nothing else.
const refusal = (host: GuestHost, machine: string, method: string, path: string): string | undefined => {
  const [, secret] = /^\/v1\/projects\/[^/]+\/secrets\/([^/:]+)/.exec(path) ?? [];
  try {
    if (secret !== undefined) {
      if (method === 'GET') host.secretPayload(machine, secret);
      else host.destroyOldVersions(machine, secret, Infinity);
      return undefined;
    }
  } catch (error) {
    if (OperatorError.is(error, 'not-found')) return undefined; // the emulator's own 404 is more precise
    if (OperatorError.is(error, 'permission')) return error.message;
    throw error;
  }
  return method === 'GET' && path.startsWith('/compute/v1/') ? undefined : `The machine may not ${method} ${path}`;
};

const refuse = (response: ServerResponse, code: number, status: string, message: string): void => {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code, status, message } }));
};
