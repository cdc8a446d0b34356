import type { Cloud } from '../cloud.ts';
import type { Fault } from '../faults.ts';
import { quotaExceeded } from '../compute/quota.ts';
import { isBatch, serveBatch } from './batch.ts';
import { ApiError } from './apiError.ts';
import type { Endpoint } from './endpoint.ts';
import { type ApiAnswer, type ReceivedRequest, jsonAnswer } from './message.ts';

/** Observer of every request that passed authorization and faults, called before it is carried out. */
export type Heard = (request: ReceivedRequest, target: Endpoint['target']) => void;

/** Resolves a request to its endpoint; undefined if the path belongs to another service. */
export type Resolver = (request: ReceivedRequest) => Endpoint | undefined;

/** Takes requests from any transport through authorization, faults, and the service that answers. */
export class Dispatcher {
  private readonly cloud: Cloud;
  private readonly resolvers: readonly Resolver[];
  private readonly control: (request: ReceivedRequest) => unknown;
  private readonly admits: (request: ReceivedRequest) => void;
  private readonly heard: Heard | undefined;
  private readonly failed: (error: unknown) => void;

  constructor(parts: {
    cloud: Cloud;
    resolvers: readonly Resolver[];
    /** Answers `/emulator/…`; undefined for an unknown path. */
    control: (request: ReceivedRequest) => unknown;
    /** Throws if the request lacks the secret or names a foreign host. */
    admits: (request: ReceivedRequest) => void;
    heard: Heard | undefined;
    /** Receives defects: errors that are neither an answer nor a refusal. */
    failed: (error: unknown) => void;
  }) {
    this.cloud = parts.cloud;
    this.resolvers = parts.resolvers;
    this.control = parts.control;
    this.admits = parts.admits;
    this.heard = parts.heard;
    this.failed = parts.failed;
  }

  async serve(request: ReceivedRequest): Promise<ApiAnswer> {
    try {
      this.admits(request);
      if (isBatch(request)) return await serveBatch(request, (part) => this.serve(part));
      if (request.path.startsWith('/emulator/')) return this.serveControl(request);
      return await this.serveApi(request);
    } catch (error) {
      if (error instanceof ApiError) return jsonAnswer(error.status, error.body(), error.headers);
      this.failed(error);
      const text = error instanceof Error ? error.message : String(error);
      const defect = new ApiError(500, 'internalError', `Emulator defect: ${text}`);
      return jsonAnswer(500, defect.body());
    }
  }

  private serveControl(request: ReceivedRequest): ApiAnswer {
    const value = this.cloud.store.transact(() => this.control(request));
    if (value === undefined) throw new ApiError(404, 'notFound', `Unknown control path: ${request.path}`);
    return jsonAnswer(200, value);
  }

  private async serveApi(request: ReceivedRequest): Promise<ApiAnswer> {
    const endpoint = this.resolvers.map((resolve) => resolve(request)).find((found) => found !== undefined);
    if (endpoint === undefined) throw new ApiError(404, 'notFound', `Not Found: ${request.path}`);
    const { store, faults, changed } = this.cloud;
    const target = { method: request.method, path: fullTarget(request), ...endpoint.target };
    const fault = store.transact(() => faults.take(target));
    if (fault === 'resetBefore') return 'reset';
    refuse(fault);
    this.heard?.(request, endpoint.target);
    try {
      const value = await store.transact(() => endpoint.run(operationFault(fault)));
      return fault === 'resetAfter' ? 'reset' : jsonAnswer(200, value);
    } finally {
      changed.tell();
    }
  }
}

const fullTarget = (request: ReceivedRequest): string => {
  const query = request.query.toString();
  return query === '' ? request.path : `${request.path}?${query}`;
};

const refuse = (fault: Fault | undefined): void => {
  if (fault === undefined || typeof fault === 'string') return;
  if (fault.type === 'status') {
    const headers: Record<string, string> =
      fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
    throw new ApiError(fault.status, fault.reason, fault.message, { headers, domain: domainOf(fault.reason) });
  }
  if (fault.type === 'quota' && fault.form === 'request') throw quotaExceeded(fault.metric, fault.limit, 'emulated');
};

// Faults that hit the operation; all others were handled before the request reached its service.
const operationFault = (fault: Fault | undefined): Fault | undefined =>
  fault === 'operationHangs' || (typeof fault === 'object' && fault.type !== 'status') ? fault : undefined;

const domainOf = (reason: string): string =>
  ['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded', 'accessNotConfigured'].includes(reason)
    ? 'usageLimits'
    : 'global';
