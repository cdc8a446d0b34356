import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text as bodyOf } from 'node:stream/consumers';
import type { GuestHost, GuestMachine } from '../../../src/emulator/guestRuntime.ts';
import { wallClock } from '../../../src/lib/clock.ts';
import { containsAddress, parseRange, addressNumber } from '../../../src/emulator/compute/cidr.ts';

/** Dependencies of the metadata server besides the machines. */
export interface MetadataParts {
  readonly host: GuestHost;
  /** Addresses of the load balancers whose traffic still reaches this machine. */
  readonly forwardedIps: (machine: GuestMachine) => readonly string[];
  /** An access token of the machine's service account. */
  readonly token: (key: string) => string;
}

const prefix = '/computeMetadata/v1/';
const waitMs = 300;

/** Google's metadata server (documentation "About VM metadata"): identifies the caller by its address. */
export const metadataServer = (parts: MetadataParts): Server =>
  createServer((request, response) => {
    answer(parts, request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });

const answer = async (parts: MetadataParts, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://metadata');
  const asker = (): GuestMachine | undefined => whoAsks(parts.host, request.socket.remoteAddress ?? '');
  const machine = asker();
  if (request.headers['metadata-flavor'] !== 'Google')
    return send(response, 403, 'Missing Metadata-Flavor:Google header.');
  if (machine === undefined || !url.pathname.startsWith(prefix)) return send(response, 404, 'not found');
  const path = url.pathname.slice(prefix.length);
  const [, attribute] = /^instance\/guest-attributes\/(.+)$/.exec(path) ?? [];
  if (attribute !== undefined && request.method === 'PUT') {
    const [space = '', name = ''] = attribute.split('/');
    parts.host.setGuestAttribute(machine.key, space, name, await bodyOf(request));
    return send(response, 200, '');
  }
  // The emulator returns a snapshot of the machine: waiting for a change needs a new one each time.
  const look = (): string | undefined =>
    textAt(treeOf(parts, asker() ?? machine), path, url.searchParams.get('recursive') === 'true');
  const text =
    url.searchParams.get('wait_for_change') === 'true' ? await changed(look, url.searchParams, request) : look();
  if (text === undefined) return send(response, 404, 'not found');
  return send(response, 200, text);
};

// Long poll: answers when the etag differs from the caller's, or on timeout.
const changed = async (
  look: () => string | undefined,
  query: URLSearchParams,
  request: IncomingMessage,
): Promise<string | undefined> => {
  const known = query.get('last_etag') ?? '';
  for (let left = Number(query.get('timeout_sec') ?? 60) * 1000; left > 0 && !request.destroyed; left -= waitMs) {
    const text = look();
    if (etagOf(text ?? '') !== known) return text;
    await wallClock.sleep(waitMs);
  }
  return look();
};

const send = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'metadata-flavor': 'Google', etag: etagOf(text), 'content-type': 'text/plain' });
  response.end(text);
};

const etagOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

// A pod's address belongs to its machine's alias range: Google's server answers all traffic from the machine.
const whoAsks = (host: GuestHost, address: string): GuestMachine | undefined => {
  const ip = address.replace(/^::ffff:/, '');
  const number = addressNumber(ip) ?? 0;
  return host.machines().find(
    (m) =>
      m.internalIp === ip ||
      m.aliasRanges.some((text) => {
        const range = parseRange(text);
        return range !== undefined && containsAddress(range, number);
      }),
  );
};

const treeOf = ({ host, forwardedIps, token }: MetadataParts, m: GuestMachine): object => ({
  project: { projectId: m.project },
  instance: {
    attributes: new Map(Object.entries(host.metadata(m.key))),
    hostname: `${m.name}.${m.zone}.c.${m.project}.internal`,
    id: m.id,
    name: m.name,
    zone: `projects/1/zones/${m.zone}`,
    networkInterfaces: [
      {
        ip: m.internalIp,
        ipAliases: m.aliasRanges,
        forwardedIps: forwardedIps(m),
        accessConfigs: m.externalIp === undefined ? [] : [{ externalIp: m.externalIp }],
      },
    ],
    serviceAccounts: {
      default: {
        token: JSON.stringify({ access_token: token(m.key), expires_in: 3599, token_type: 'Bearer' }),
        scopes: 'https://www.googleapis.com/auth/cloud-platform\n',
      },
    },
  },
});

const entriesOf = (value: object): [string, unknown][] =>
  value instanceof Map ? ([...value] as [string, unknown][]) : Object.entries(value);

const textAt = (tree: object, path: string, recursive: boolean): string | undefined => {
  let value: unknown = tree;
  for (const part of path.split('/').filter((p) => p !== '')) {
    if (typeof value !== 'object' || value === null) return undefined;
    const name = value instanceof Map ? part : part.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    value = entriesOf(value).find(([key]) => key === name)?.[1];
  }
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  if (recursive)
    return JSON.stringify(value, (_, v: unknown) => (v instanceof Map ? Object.fromEntries(v) : v) as unknown);
  return entriesOf(value)
    .map(
      ([name, inner]) =>
        `${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}${typeof inner === 'object' ? '/' : ''}\n`,
    )
    .join('');
};
