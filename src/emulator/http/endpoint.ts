import type { Fault, FaultTarget } from '../faults.ts';

/** A request that somebody will answer: who it is for, so that faults can match it, and the work itself. */
export interface Endpoint {
  readonly target: Omit<FaultTarget, 'method' | 'path'>;
  /** Gives the JSON of a 200 or throws an ApiError. Everything that changes state happens before the first await. */
  readonly run: (fault: Fault | undefined) => unknown;
}
