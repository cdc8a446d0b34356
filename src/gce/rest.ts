import type * as v from 'valibot';
import { parseAnswer } from './answer.ts';
import type { Before } from './cloud.ts';
import { withRetry, type RetryParts } from './retry.ts';
import type { Transport } from './transport.ts';
import { OperatorError } from '../lib/operatorError.ts';

/** The services called by plain REST, by the first part of their host name. */
export type ServiceName = 'secretmanager' | 'iam' | 'cloudresourcemanager' | 'serviceusage';

/** JSON over the same transport, retries, and error table as Compute Engine. */
export class Rest {
  private readonly transport: Transport;
  private readonly retry: RetryParts;
  private readonly endpoint: string | undefined;

  /** `endpoint`: one address for all services (an emulator); without it, each service has Google's host. */
  constructor(transport: Transport, retry: RetryParts, endpoint: string | undefined) {
    this.transport = transport;
    this.retry = retry;
    this.endpoint = endpoint;
  }

  async get<S extends v.GenericSchema>(service: ServiceName, path: string, schema: S): Promise<v.InferOutput<S>> {
    return parseAnswer(`${service} ${path}`, schema, await this.ask(service, 'GET', path));
  }

  async post<S extends v.GenericSchema>(
    service: ServiceName,
    path: string,
    body: object,
    schema: S,
    before?: Before,
  ): Promise<v.InferOutput<S>> {
    return parseAnswer(`${service} ${path}`, schema, await this.ask(service, 'POST', path, body, before));
  }

  /**
   * Creates something without a request ID. An existing resource is an error, except after an attempt whose response
   * was lost: then that attempt created it.
   */
  async create(service: ServiceName, path: string, body: object, before?: Before): Promise<void> {
    let lost = false;
    await withRetry(this.retry, undefined, async () => {
      try {
        await before?.();
        await this.once(service, 'POST', path, body);
      } catch (error) {
        if (lost && OperatorError.is(error, 'already-exists')) return;
        lost ||= OperatorError.is(error) && error.outcomeUnknown;
        throw error;
      }
    });
  }

  /** Deletes; an already deleted resource counts as success. */
  async remove(service: ServiceName, path: string, before?: Before): Promise<void> {
    try {
      await this.ask(service, 'DELETE', path, undefined, before);
    } catch (error) {
      if (!OperatorError.is(error, 'not-found')) throw error;
    }
  }

  private ask(service: ServiceName, method: string, path: string, body?: object, before?: Before): Promise<unknown> {
    return withRetry(this.retry, undefined, async () => {
      await before?.();
      return this.once(service, method, path, body);
    });
  }

  private async once(service: ServiceName, method: string, path: string, body?: object): Promise<unknown> {
    const base = this.endpoint ?? `https://${service}.googleapis.com`;
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? { method, headers: {} } : { method, headers, body: JSON.stringify(body) };
    const answer = await this.transport.send(`${base}/${path}`, init);
    return answer.status === 204 ? {} : answer.json();
  }
}
