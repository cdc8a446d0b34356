import * as v from 'valibot';
import { cancelled } from '../lib/clock.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { parseAnswer } from './answer.ts';
import type { ComputeCalls } from './calls.ts';
import { fromFailure } from './errors.ts';
import { operationFailure } from './failure.ts';
import { scope, textField } from './fields.ts';

const operation = v.object({
  name: v.string(),
  status: textField,
  zone: scope,
  region: scope,
  error: v.nullish(v.object({ errors: v.nullish(v.array(v.unknown()), []) })),
});

/** An operation: a change that Google has accepted and is carrying out. */
export type Operation = v.InferOutput<typeof operation>;

// A mutation returns a wrapper whose own `name` is the numeric ID; the operation itself is its `latestResponse`.
const accepted = v.object({ latestResponse: operation });

/** The operation in the response of a mutation. */
export const acceptedOperation = (answer: unknown): Operation =>
  parseAnswer('operation', accepted, answer).latestResponse;

/** An operation's path, for the journal and a later wait: `zones/Z/operations/O`, `regions/…` or `global/…`. */
export const operationPath = ({ name, zone, region }: Operation): string =>
  `${zone !== undefined ? `zones/${zone}` : region !== undefined ? `regions/${region}` : 'global'}/operations/${name}`;

/** The operation at a path, with unknown status; any other text counts as a global operation's name. */
export const operationAt = (path: string): Operation => {
  const [, scopes, place, name] = /^(?:(zones|regions)\/([^/]+)|global)\/operations\/([^/]+)$/.exec(path) ?? [];
  const zone = scopes === 'zones' ? place : undefined;
  const region = scopes === 'regions' ? place : undefined;
  return { name: name ?? path, status: '', zone, region, error: undefined };
};

/**
 * Waits until the operation is done; throws if it failed (which the API returns as a success). It has no time limit of
 * its own: it ends with the signal, and the error then states that the operation is still running.
 */
export const waitForOperation = async (
  calls: ComputeCalls,
  project: string,
  started: Operation,
  signal: AbortSignal | undefined,
): Promise<void> => {
  let current = started;
  // Each `wait` holds for up to two minutes or returns earlier, at Google's discretion: hence the loop.
  while (current.status !== 'DONE') current = await nextLook(calls, project, current, signal);
  const failed = current.error?.errors[0];
  if (failed !== undefined) throw fromFailure(operationFailure(failed));
};

const nextLook = async (
  calls: ComputeCalls,
  project: string,
  { name, zone, region }: Operation,
  signal: AbortSignal | undefined,
): Promise<Operation> => {
  const service =
    zone !== undefined ? 'zoneOperations' : region !== undefined ? 'regionOperations' : 'globalOperations';
  const place = zone !== undefined ? { zone } : region !== undefined ? { region } : {};
  try {
    if (signal?.aborted) throw cancelled(signal);
    const answer = await calls.call(service, 'wait', { project, ...place, operation: name }, { signal });
    return parseAnswer('operation', operation, answer);
  } catch (error) {
    throw stillRunning(name, signal?.aborted ? cancelled(signal) : asOperatorError(error), signal?.aborted ?? false);
  }
};

// Even if checking it failed, the operation itself continues.
const stillRunning = (name: string, why: OperatorError, late: boolean): OperatorError => {
  const remedy = late ? toRun('To wait for the operation and continue', command`trizone resume`) : why.remedies;
  return new OperatorError(why.code, `${why.message}; operation still running: ${name}`, {
    cause: why,
    retry: why.retry,
    outcomeUnknown: true,
    remedy,
    ...(why.retryAfterMs !== undefined && { retryAfterMs: why.retryAfterMs }),
  });
};
