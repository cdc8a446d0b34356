import type { Message } from '../lib/message.ts';
import type { Problem } from './snapshot.ts';

/** State of a run as a person sees it. `planned`: shown, not confirmed yet; `elsewhere`: another living process does it. */
export type RunRowState =
  'planned' | 'running' | 'elsewhere' | 'interrupted' | 'done' | 'failed' | 'cancelled' | 'undone' | 'closed';

/** State of a step as a person sees it. `same`: it turned out to be so already. */
export type StepRowState = 'pending' | 'running' | 'done' | 'same' | 'failed' | 'stopped';

/** One step of a run in the Activity view. */
export interface StepRow {
  readonly id: string;
  readonly title: Message;
  readonly state: StepRowState;
  /** Cluster milliseconds: how long it usually takes. */
  readonly expectedMs: number;
  /** Cluster milliseconds: how long it took, or has been running. */
  readonly ms: number | undefined;
  /** What it said last: a boot line, what it waits for. */
  readonly text: string;
  readonly problem: Problem | undefined;
}

/** One run in the Activity view. */
export interface RunRow {
  readonly run: string;
  readonly verb: string;
  /** English; {0} is the cluster. */
  readonly label: string;
  /** Whether its verb can be undone. */
  readonly adds: boolean;
  readonly cluster: string;
  readonly project: string;
  /** Wall time of its start, milliseconds. */
  readonly at: number;
  readonly state: RunRowState;
  /** Wall time of its end, milliseconds; known once its journal has been read. */
  readonly endedAt?: number | undefined;
  /** Process that does it, while it is done. */
  readonly pid: number | undefined;
  readonly steps: readonly StepRow[];
  /** Cluster milliseconds from its start to its end, or until now. */
  readonly ms: number;
  /** Cluster milliseconds that its plan expected. */
  readonly expectedMs: number;
  readonly problem: Problem | undefined;
  /** What the API's endpoint did meanwhile, in words; known at its end. */
  readonly probed?: string | undefined;
  /** Name that a person types before the run goes on: of what it removes. */
  readonly removes?: string | undefined;
  /** Written by a newer Trizone: shown, not resumed. */
  readonly readOnly: boolean;
}

/** Whether some process works on it. */
export const isRowLive = (r: RunRow): boolean => r.state === 'running' || r.state === 'elsewhere';

/** Whether it ended before it was done, and this version can resume it. */
export const isRowResumable = (run: RunRow): boolean =>
  !isRowLive(run) && !run.readOnly && !['planned', 'done', 'undone', 'closed'].includes(run.state);

/** Whether it added something that can be taken back. */
export const isRowUndoable = (run: RunRow): boolean =>
  !isRowLive(run) && !run.readOnly && run.adds && !['planned', 'undone', 'closed'].includes(run.state);
