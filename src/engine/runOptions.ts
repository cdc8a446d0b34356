import { type Clock } from '../lib/clock.ts';
import { type Ids } from '../lib/ids.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { Listen, RunState } from './events.ts';
import { type Journal } from './journalRecords.ts';
import { type Plan } from './plan.ts';
import type { StepId } from './step.ts';

/** Everything a run needs from its environment. */
export interface RunOptions<R, W extends R> {
  readonly run: string;
  readonly world: W;
  readonly journal: Journal;
  /** Cluster time: deadlines, backoff, durations. */
  readonly clock: Clock;
  /** Wall time, for the journal. */
  readonly wall: Clock;
  readonly ids: Ids;
  readonly listen: Listen;
  /** Aborts when a user cancels: waits end, mutations are finished first, nothing new starts. */
  readonly cancel: AbortSignal;
  /** Waits for an operation that an earlier attempt started without seeing its end; fails as the operation did. */
  readonly reattach?: (operation: string, signal: AbortSignal) => Promise<void>;
  /** Concurrent steps; default: 16. */
  readonly parallel?: number;
  /** A step whose output decides the rest of the plan. */
  readonly checkpoint?: Checkpoint<R, W> | undefined;
  /** Waits with `insists` take place even if nothing is missing: a resumed run ends as it announced. */
  readonly insist?: boolean;
}

/** Once this step and its predecessors are done, another plan may replace the rest. */
export interface Checkpoint<R, W extends R> {
  readonly step: StepId;
  /**
   * Receives the step's output; undefined keeps the plan. Steps of the new plan know the checkpoint's output; the rest
   * they observe themselves.
   */
  readonly replan: (out: unknown) => Promise<Plan<R, W> | undefined>;
}

/** The outcome of a run. */
export interface RunResult {
  readonly state: RunState;
  readonly error?: OperatorError;
  /** Cluster time from start to end, milliseconds. */
  readonly ms: number;
  /** The chain of steps that took longest, and its length in milliseconds. */
  readonly critical: { readonly ids: readonly string[]; readonly length: number };
}
