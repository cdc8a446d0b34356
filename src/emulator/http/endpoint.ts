import type { Fault, FaultTarget } from '../faults.ts';

/** A resolved request: its target, so that faults can match it, and the handler. */
export interface Endpoint {
  readonly target: Omit<FaultTarget, 'method' | 'path'>;
  /** Returns the JSON of a 200 or throws an ApiError. All state changes happen before the first await. */
  readonly run: (fault: Fault | undefined) => unknown;
}
