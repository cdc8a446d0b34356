import { type Clock } from '../lib/clock.ts';
import { type Ids } from '../lib/ids.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { Listen, RunState } from './events.ts';
import { type Journal } from './journalRecords.ts';
import { type Plan } from './plan.ts';
import type { StepId } from './step.ts';

/** Everything a run needs from outside. */
export interface RunOptions<R, W extends R> {
  readonly run: string;
  readonly world: W;
  readonly journal: Journal;
  /** Cluster time: deadlines, back-off, durations. */
  readonly clock: Clock;
  /** Wall time, for the journal. */
  readonly wall: Clock;
  readonly ids: Ids;
  readonly listen: Listen;
  /** A person's wish to stop: waits end, mutations are finished first, nothing new starts. */
  readonly cancel: AbortSignal;
  /** Waits for an operation that an earlier attempt asked for and nobody saw the end of; fails as the operation did. */
  readonly reattach?: (operation: string, signal: AbortSignal) => Promise<void>;
  /** Steps at once; 16 where nothing is said. */
  readonly parallel?: number;
  /** A step whose end decides on the rest of the plan. */
  readonly checkpoint?: Checkpoint<R, W> | undefined;
  /** What insists takes place although the plan found nothing missing: a run that goes on ends as it had announced. */
  readonly insist?: boolean;
}

/** Once this step, and what comes before it, is done, another plan may take the place of the rest. */
export interface Checkpoint<R, W extends R> {
  readonly step: StepId;
  /** Told the step's output; undefined keeps the plan. Its steps know the checkpoint's output, everything else by their own look. */
  readonly replan: (out: unknown) => Promise<Plan<R, W> | undefined>;
}

/** What a run left behind. */
export interface RunResult {
  readonly state: RunState;
  readonly error?: OperatorError;
  /** Cluster time from start to end, milliseconds. */
  readonly ms: number;
  /** The chain of steps that took longest, and its length in milliseconds. */
  readonly critical: { readonly ids: readonly string[]; readonly length: number };
}
