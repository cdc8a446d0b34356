import type { Cloud } from '../cloud.ts';
import type { Fault } from '../faults.ts';
import type { ValidBody } from '../schema/validator.ts';
import type { Scope } from './paths.ts';

/** A request that passed schema validation. */
export interface ApiCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: ValidBody;
  /** A fault that hits the operation rather than the request. */
  readonly fault?: Fault | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Answers a call with the JSON of a 200, or throws an ApiError. Only waiting is asynchronous. */
export type Handler = (cloud: Cloud, call: ApiCall) => unknown;

/** A string field of a validated body; the fallback if it is absent. */
export const textOf = (body: ValidBody, field: string, fallback = ''): string => {
  const value = body[field];
  return typeof value === 'string' ? value : fallback;
};

/** Zone or region of the call's path. */
export const scopeOf = (call: ApiCall): Scope => ({
  ...(call.params.zone !== undefined && { zone: call.params.zone }),
  ...(call.params.region !== undefined && { region: call.params.region }),
});
