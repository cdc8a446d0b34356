import type { OperatorError } from '../lib/operatorError.ts';
import type { Effect, StepId } from './step.ts';

/**
 * The one stream that feeds output channel, activity tree, status bar, command line, and JSON report. `at` and all
 * durations are cluster time in milliseconds; `at` is the clock's `monotonic()`, comparable only within the run.
 */
export type RunEvent =
  | { readonly type: 'planned'; readonly run: string; readonly steps: readonly StepId[]; readonly at: number }
  | {
      readonly type: 'started';
      readonly step: StepId;
      readonly title: string;
      readonly do: Effect;
      readonly at: number;
    }
  | { readonly type: 'progress'; readonly step: StepId; readonly text: string; readonly at: number }
  | { readonly type: 'waiting'; readonly step: StepId; readonly text: string; readonly at: number }
  | { readonly type: 'done'; readonly step: StepId; readonly ms: number; readonly at: number }
  | { readonly type: 'skipped'; readonly step: StepId; readonly at: number }
  | { readonly type: 'failed'; readonly step: StepId; readonly error: OperatorError; readonly at: number }
  | { readonly type: 'cancelled'; readonly step?: StepId; readonly at: number }
  | { readonly type: 'ended'; readonly state: RunState; readonly at: number };

/** How a run ended. */
export type RunState = 'done' | 'failed' | 'cancelled';

/** A listener; it must not throw. */
export type Listen = (event: RunEvent) => void;
