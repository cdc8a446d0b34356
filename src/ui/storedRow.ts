import type { JournalRecord, StoredRun } from '../engine/journalRecords.ts';
import type { Holder } from '../engine/lease.ts';
import type { RunRow, RunRowState, StepRow } from './runRow.ts';

/** Context of a run besides its journal. */
export interface Around {
  /** Live process that holds the run's cluster, for this or another run. */
  readonly holder: Holder | undefined;
  /** This process. */
  readonly pid: number;
  /** Wall time, milliseconds. */
  readonly now: number;
}

/** A run from its journal: also one of another window, of the command line, or of a process that is gone. */
export const storedRow = (stored: StoredRun, around: Around): RunRow => {
  const { plan, records } = stored;
  const state = stateOf(stored, around);
  const live = state === 'running' || state === 'elsewhere';
  const steps = stepRows(stored, live, around.now);
  const failed = steps.find((s) => s.state === 'failed');
  return {
    run: plan.run,
    verb: plan.verb,
    label: plan.label ?? `${plan.verb} {0}`,
    adds: plan.adds === true,
    cluster: plan.cluster,
    project: plan.project,
    at: plan.at,
    state,
    endedAt: records.findLast((r) => r.type === 'ended')?.at,
    pid: live ? around.holder?.pid : undefined,
    steps,
    ms: worked(records, plan.at, live ? around.now : undefined) / plan.timeScale,
    expectedMs: plan.expectedMs,
    problem: state === 'failed' ? failed?.problem : undefined,
    probed: records.findLast((r) => r.type === 'probed')?.text,
    // Earlier Trizone versions do not record it: a run that may remove resources asks for the cluster's name.
    removes: plan.typed ?? (plan.label === undefined ? plan.cluster : undefined),
    readOnly: stored.readOnly,
  };
};

const stateOf = (stored: StoredRun, { holder, pid }: Around): RunRowState => {
  if (stored.state !== undefined) return stored.state;
  if (holder?.run !== stored.plan.run) return 'interrupted';
  return holder.pid === pid ? 'running' : 'elsewhere';
};

// Wall time in which a process worked on it: a run that was resumed a day later did not take a day.
const worked = (records: readonly JournalRecord[], start: number, now: number | undefined): number => {
  let total = 0;
  let from: number | undefined = start;
  let last = start;
  for (const r of records) {
    if (!('at' in r)) continue;
    if (r.type === 'resumed') {
      if (from !== undefined) total += last - from;
      from = r.at;
    }
    if (r.type === 'ended' && from !== undefined) {
      total += r.at - from;
      from = undefined;
    }
    last = r.at;
  }
  return total + (from === undefined ? 0 : (now ?? last) - from);
};

const stepRows = (stored: StoredRun, live: boolean, now: number): StepRow[] => {
  const { plan, state } = stored;
  const last = lastRecords(stored.records);
  return plan.steps.map(({ id, title, expectedMs }) => {
    const record = last.get(id);
    const row = { id, title, expectedMs, text: '', ms: undefined, problem: undefined };
    switch (record?.type) {
      case 'done':
        return { ...row, state: 'done', ms: record.ms };
      case 'failed':
        return { ...row, state: live ? 'running' : 'failed', problem: record };
      case 'intent':
        return live
          ? { ...row, state: 'running', ms: (now - record.at) / plan.timeScale }
          : { ...row, state: 'stopped' };
      default:
        return { ...row, state: state === 'done' ? 'same' : 'pending' };
    }
  });
};

type StepRecord = Extract<JournalRecord, { type: 'intent' | 'done' | 'failed' }>;

const lastRecords = (records: readonly JournalRecord[]): Map<string, StepRecord> => {
  const last = new Map<string, StepRecord>();
  for (const r of records) if (r.type === 'intent' || r.type === 'done' || r.type === 'failed') last.set(r.step, r);
  return last;
};
