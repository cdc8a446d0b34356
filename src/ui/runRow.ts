import type { Message } from '../lib/message.ts';
import type { Problem } from './snapshot.ts';

/** State of a run as shown. `planned`: shown, not confirmed yet; `elsewhere`: carried out by another live process. */
export type RunRowState =
  'planned' | 'running' | 'elsewhere' | 'interrupted' | 'done' | 'failed' | 'cancelled' | 'undone' | 'closed';

/** State of a step as shown. `same`: it was already done. */
export type StepRowState = 'pending' | 'running' | 'done' | 'same' | 'failed' | 'stopped';

/** One step of a run in the Activity view. */
export interface StepRow {
  readonly id: string;
  readonly title: Message;
  readonly state: StepRowState;
  /** Cluster milliseconds: its usual duration. */
  readonly expectedMs: number;
  /** Cluster milliseconds: its duration, or its elapsed time so far. */
  readonly ms: number | undefined;
  /** Its latest progress text: a boot line, what it waits for. */
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
  /** Process that carries it out, while it runs. */
  readonly pid: number | undefined;
  readonly steps: readonly StepRow[];
  /** Cluster milliseconds from its start to its end, or until now. */
  readonly ms: number;
  /** Cluster milliseconds that its plan expected. */
  readonly expectedMs: number;
  readonly problem: Problem | undefined;
  /** What the probes of the API endpoint saw during the run, as text; set at its end. */
  readonly probed?: string | undefined;
  /** Name to type before the run is continued: that of what it removes. */
  readonly removes?: string | undefined;
  /** Written by a newer Trizone: shown, not resumed. */
  readonly readOnly: boolean;
}

/** Whether a process is working on it. */
export const isRowLive = (r: RunRow): boolean => r.state === 'running' || r.state === 'elsewhere';

/** Whether it ended early and this version can resume it. */
export const isRowResumable = (run: RunRow): boolean =>
  !isRowLive(run) && !run.readOnly && !['planned', 'done', 'undone', 'closed'].includes(run.state);

/** Whether it added something that can be undone. */
export const isRowUndoable = (run: RunRow): boolean =>
  !isRowLive(run) && !run.readOnly && run.adds && !['planned', 'undone', 'closed'].includes(run.state);
