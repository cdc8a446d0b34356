import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import type { Before } from './cloud.ts';
import type { ComputeService } from './kind.ts';
import { legacyClient } from './legacyClient.ts';
import { withRetry, type RetryParts } from './retry.ts';
import type { Transport } from './transport.ts';

/** A method of a client class; over REST, all have this shape. */
type Method = (request: object, options: object) => unknown;
type Client = { readonly initialize: () => Promise<unknown> } & Readonly<Record<string, Method>>;

/** Options of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Never retried: for polling, where the caller asks again anyway. */
  readonly once?: boolean;
  readonly before?: Before | undefined;
}

// Half the maximum of 500: decoding a page blocks the editor's extension host.
const page = 250;

// Our transport has its own timeouts. The library would start a timer for each call, never clear it, and hold the
// response until it fires.
const options = { retry: null, autoPaginate: false, timeout: Infinity };

/**
 * Calls methods of Google's client classes: one client per service, created on first use; every call is retried as in
 * retry.ts.
 */
export class ComputeCalls {
  private readonly transport: Transport;
  private readonly retry: RetryParts;
  private readonly base: URL;
  private readonly clients = new Map<ComputeService, Promise<Client>>();

  constructor(transport: Transport, retry: RetryParts, base: URL) {
    this.transport = transport;
    this.retry = retry;
    this.base = base;
  }

  /** First part of the response: the resource or the operation. */
  async call(service: ComputeService, method: string, request: object, how: CallOptions = {}): Promise<unknown> {
    return (await this.answer(service, method, request, how))[0];
  }

  /** All items of a paged method. */
  async pages(service: ComputeService, method: string, request: object): Promise<unknown[]> {
    const all: unknown[] = [];
    for (let next: unknown = { ...request, maxResults: page }; typeof next === 'object' && next !== null;) {
      const [items, following] = await this.answer(service, method, next, {});
      if (!Array.isArray(items)) throw new OperatorError('internal', `Not a list: ${service}.${method}`);
      all.push(...(items as unknown[]));
      next = following;
    }
    return all;
  }

  /**
   * Scopes of an aggregated list as the library yields them: the same scope comes once per page. `fields` requests a
   * partial response.
   */
  scopes(service: ComputeService, request: object, fields?: string): Promise<unknown[]> {
    return this.repeat(service, {}, async (client) => {
      const all: unknown[] = [];
      const asked = { ...request, includeAllScopes: true, maxResults: page };
      const found = methodOf(client, service, 'aggregatedListAsync').call(client, asked, {
        ...options,
        ...(fields !== undefined && { otherArgs: { headers: { [fieldsHeader]: fields } } }),
      });
      for await (const scope of found as AsyncIterable<unknown>) all.push(scope);
      return all;
    });
  }

  private answer(service: ComputeService, method: string, request: object, how: CallOptions) {
    return this.repeat(service, how, async (client) => {
      const call = methodOf(client, service, method);
      const signal = how.signal === undefined ? {} : { signal: how.signal };
      return (await call.call(client, request, { ...options, ...signal })) as readonly unknown[];
    });
  }

  private repeat<T>(service: ComputeService, how: CallOptions, work: (client: Client) => Promise<T>): Promise<T> {
    const attempt = async (): Promise<T> => {
      const client = await this.client(service);
      await how.before?.();
      try {
        return await work(client);
      } catch (error) {
        throw ourError(error, how.signal);
      }
    };
    return how.once === true ? attempt() : withRetry(this.retry, how.signal, attempt);
  }

  private client(service: ComputeService): Promise<Client> {
    const known = this.clients.get(service) ?? this.build(service);
    this.clients.set(service, known);
    return known;
  }

  private async build(service: ComputeService): Promise<Client> {
    if (service === 'httpHealthChecks') return legacyClient((url, init) => this.transport.send(url, init), this.base);
    const { clientClass } = await this.retry.clock.hold(() => import('./clients.ts'));
    const ClientClass = clientClass(service);
    if (ClientClass === undefined)
      throw new OperatorError('internal', `The client library does not have the service: ${service}`);
    const { protocol, hostname, port } = this.base;
    const client = new ClientClass({
      apiEndpoint: hostname,
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      protocol: protocol.slice(0, -1),
      auth: this.authSeam(), // the only part of it that the library uses
      fallback: true,
    }) as Client;
    await client.initialize(); // its methods would do it implicitly and raise an unhandled rejection on failure
    return client;
  }

  private authSeam() {
    return {
      getClient: () => Promise.resolve({}),
      fetch: (url: string | URL, { method = 'GET', headers, body, signal }: RequestInit) => {
        const sent = new Headers(headers);
        return this.transport.send(withParameters(String(url), sent), {
          method,
          headers: Object.fromEntries(sent),
          ...(typeof body === 'string' && body !== '""' && { body }), // the library sends "" for no body
          ...(signal && { signal }),
        });
      },
    };
  }
}

// Two parameters that the library does not support. It cannot set `fields` but passes a header through; and without
// partial success, one unreachable zone fails a whole aggregated list.
const fieldsHeader = 'x-trizone-fields';
const withParameters = (url: string, headers: Headers): string => {
  const whole = new URL(url);
  const fields = headers.get(fieldsHeader);
  headers.delete(fieldsHeader);
  if (fields !== null) whole.searchParams.set('fields', fields);
  if (whole.pathname.includes('/aggregated/')) whole.searchParams.set('returnPartialSuccess', 'true');
  return whole.href;
};

const methodOf = (client: Client, service: string, name: string): Method => {
  const method = client[name];
  if (method === undefined)
    throw new OperatorError('internal', `The client library does not have the method: ${service}.${name}`);
  return method;
};

// The library wraps what our transport threw; our error is among the causes. For an abort it has its own code.
const ourError = (thrown: unknown, signal: AbortSignal | undefined): OperatorError => {
  for (let at: unknown = thrown; at instanceof Error; at = at.cause) {
    if (at instanceof OperatorError) return at;
  }
  if (signal?.aborted && signal.reason instanceof OperatorError) return signal.reason;
  if (signal?.aborted) return new OperatorError('cancelled', 'Cancelled', { cause: thrown });
  return asOperatorError(thrown);
};
