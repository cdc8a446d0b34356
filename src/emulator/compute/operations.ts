import { type Cloud, drawLatency, newId, randomHex, timestamp } from '../cloud.ts';
import type { Fault } from '../faults.ts';
import { ApiError, notFound } from '../http/apiError.ts';
import { type ApiCall, scopeOf } from './call.ts';
import { linkOf, longPath, partsOf, pathOf, scopeKey } from './paths.ts';
import { FailedOperation, type OperationFailure, failureFrom, quotaFailure, stockOut } from './operationFailure.ts';
import type { StoredOperation } from './resources.ts';

/** What an operation does when it ends. */
export interface OperationEffect {
  /** Throws an ApiError to fail the operation. */
  apply?(cloud: Cloud, task: Task): void;
  /** Reverts what the request has already changed; also called when a fault fails the operation. */
  fail?(cloud: Cloud, task: Task, failure: OperationFailure): void;
}

/** Subject of an operation. Stored with its event, hence JSON. */
export interface Task {
  readonly target: string;
  readonly targetId: string;
  readonly operation: string;
  readonly payload: unknown;
}

/** A new operation. */
export interface OperationRequest {
  /** Path of the resource below the project. */
  readonly target: string;
  readonly targetId: string;
  /** Operation type; together with the collection, the key of latency and effect. */
  readonly verb: string;
  readonly payload?: unknown;
  readonly fault?: Fault | undefined;
  readonly requestId?: string | undefined;
  /** Milliseconds, if the caller has already drawn them. */
  readonly lasts?: number;
  /** The operation ends when `finishSoon` is called, not after a time. */
  readonly open?: boolean;
}

interface DonePayload {
  readonly effect: string;
  readonly task: Task;
  readonly failure?: OperationFailure;
}

const table = 'operations';
const holds = 'holds';
const requests = 'requests';

/** Starts an operation; it is visible immediately, runs on cluster time, and survives a restart. */
export const startOperation = (cloud: Cloud, request: OperationRequest): StoredOperation => {
  const { scope, collection } = partsOf(request.target);
  const name = `operation-${cloud.clock.now().toFixed(0)}-${randomHex(cloud, 13)}-${randomHex(cloud, 8)}-${randomHex(cloud, 8)}`;
  const path = pathOf(scope, 'operations', name);
  const operation: StoredOperation = {
    kind: 'compute#operation',
    id: newId(cloud),
    name,
    operationType: request.verb,
    targetLink: linkOf(cloud.project, request.target),
    targetId: request.targetId,
    status: 'PENDING',
    progress: 0,
    insertTime: timestamp(cloud),
    user: `person@${cloud.project}.example`,
    selfLink: linkOf(cloud.project, path),
    ...(scope.zone !== undefined && { zone: linkOf(cloud.project, `zones/${scope.zone}`) }),
    ...(scope.region !== undefined && { region: linkOf(cloud.project, `regions/${scope.region}`) }),
  };
  cloud.store.put(table, path, operation);
  if (request.requestId !== undefined) cloud.store.put(requests, request.requestId, path);
  if (request.verb === 'insert' || request.verb === 'delete') hold(cloud, request.target, request.verb, path);
  schedule(cloud, request, path, `${collection}.${request.verb}`);
  return operation;
};

const schedule = (cloud: Cloud, request: OperationRequest, path: string, effect: string): void => {
  const failure = failureOf(cloud, request);
  const slow = failure?.code === 'ZONE_RESOURCE_POOL_EXHAUSTED' ? 'instances.stockOut' : effect;
  const lasts = request.lasts ?? drawLatency(cloud, slow);
  cloud.scheduler.in(Math.min(500, lasts / 4), 'operation.running', { path });
  if (request.fault === 'operationHangs' || (request.open === true && failure === undefined)) return;
  const { target, targetId, payload } = request;
  const task: Task = { target, targetId, operation: path, payload };
  cloud.scheduler.in(lasts, 'operation.done', { effect, task, ...(failure && { failure }) } satisfies DonePayload);
};

const failureOf = (cloud: Cloud, { fault, target }: OperationRequest): OperationFailure | undefined => {
  if (fault === undefined || typeof fault === 'string') return undefined;
  if (fault.type === 'operationError') {
    const details = fault.details === undefined ? {} : { errorDetails: fault.details };
    return { code: fault.code, message: fault.message, httpStatus: fault.httpStatus, ...details };
  }
  if (fault.type === 'stockOut') return stockOut(cloud, target, fault.zonesAvailable);
  if (fault.type === 'quota' && fault.form === 'operation') return quotaFailure(target, fault.metric, fault.limit);
  return undefined;
};

interface Hold {
  readonly verb: 'insert' | 'delete';
  readonly operation: string;
}

const hold = (cloud: Cloud, target: string, verb: Hold['verb'], operation: string): void =>
  cloud.store.put(holds, target, { verb, operation } satisfies Hold);

/** Ends an open operation at the next event, with its effect. */
export const finishSoon = (cloud: Cloud, effect: string, task: Task, failure?: OperationFailure): void =>
  cloud.scheduler.in(0, 'operation.done', { effect, task, ...(failure && { failure }) } satisfies DonePayload);

/** Whether an insert or a delete of the resource is still in progress. */
export const heldBy = (cloud: Cloud, path: string): 'insert' | 'delete' | undefined =>
  cloud.store.get<Hold>(holds, path)?.verb;

/** The operation that an earlier request with the same ID started. */
export const operationOfRequest = (cloud: Cloud, requestId: string): StoredOperation | undefined => {
  const path = cloud.store.get<string>(requests, requestId);
  return path === undefined ? undefined : cloud.store.get<StoredOperation>(table, path);
};

/** PENDING → RUNNING. */
export const runOperation = (cloud: Cloud, payload: unknown): void => {
  const { path } = payload as { path: string };
  const operation = cloud.store.get<StoredOperation>(table, path);
  if (operation?.status !== 'PENDING') return;
  cloud.store.put(table, path, {
    ...operation,
    status: 'RUNNING',
    startTime: timestamp(cloud),
  } satisfies StoredOperation);
};

/** Applies the effect and ends the operation; `effects` maps operations to effects. */
export const finishOperation = (
  cloud: Cloud,
  effects: ReadonlyMap<string, OperationEffect>,
  payload: unknown,
): void => {
  const { effect: key, task, failure } = payload as DonePayload;
  const effect = effects.get(key);
  const problem = failure ?? attempt(cloud, effect, task);
  if (problem !== undefined) effect?.fail?.(cloud, task, problem);
  endOperation(cloud, task.operation, task.target, problem);
};

const attempt = (cloud: Cloud, effect: OperationEffect | undefined, task: Task): OperationFailure | undefined => {
  try {
    effect?.apply?.(cloud, task);
    return undefined;
  } catch (error) {
    if (error instanceof FailedOperation) return error.failure;
    if (!(error instanceof ApiError)) throw error;
    return failureFrom(error);
  }
};

const endOperation = (cloud: Cloud, path: string, target: string, failure?: OperationFailure): void => {
  if (cloud.store.get<Hold>(holds, target)?.operation === path) cloud.store.remove(holds, target);
  const operation = cloud.store.get<StoredOperation>(table, path);
  if (operation === undefined) return;
  const { httpStatus, ...problem } = failure ?? { httpStatus: 200, code: '', message: '' };
  cloud.store.put(table, path, {
    ...operation,
    status: 'DONE',
    progress: 100,
    startTime: operation.startTime ?? timestamp(cloud),
    endTime: timestamp(cloud),
    ...(failure && {
      error: { errors: [problem] },
      httpErrorStatusCode: httpStatus,
      httpErrorMessage: httpMessages[httpStatus] ?? 'ERROR',
    }),
  } satisfies StoredOperation);
};

const httpMessages: Readonly<Record<number, string>> = {
  400: 'BAD REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT FOUND',
  409: 'CONFLICT',
  412: 'PRECONDITION FAILED',
  500: 'INTERNAL SERVER ERROR',
  503: 'SERVICE UNAVAILABLE',
};

/** One operation by the call's path. */
export const getOperation = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const path = pathOf(scopeOf(call), 'operations', call.params.operation ?? '');
  const found =
    cloud.store.get<StoredOperation>(table, path) ??
    operationsIn(cloud, scopeKey(scopeOf(call))).find((o) => o.id === call.params.operation);
  if (found === undefined) throw notFound(longPath(cloud.project, path));
  return found;
};

/** Operations of a scope (`zones/z`), or all of them. */
export const operationsIn = (cloud: Cloud, scope?: string): StoredOperation[] =>
  cloud.store
    .entries<StoredOperation>(table)
    .filter(([path]) => scope === undefined || path.startsWith(`${scope}/operations/`))
    .map(([, operation]) => operation);

// The API's own limit for one wait.
const longestWaitMs = 120_000;

/** Holds the answer until the operation is done or two minutes of cluster time have passed. */
export const longPollOperation = async (cloud: Cloud, call: ApiCall): Promise<StoredOperation> => {
  const enough = new AbortController();
  const leave = call.signal === undefined ? enough.signal : AbortSignal.any([enough.signal, call.signal]);
  const late = new AbortController();
  const timer = cloud.clock.sleep(longestWaitMs, leave).then(
    () => late.abort(),
    () => late.abort(), // the client disconnected, or the operation is done
  );
  try {
    for (;;) {
      const operation = getOperation(cloud, call);
      if (operation.status === 'DONE' || late.signal.aborted) return operation;
      await Promise.race([cloud.changed.wait(), timer]);
    }
  } finally {
    enough.abort();
  }
};
