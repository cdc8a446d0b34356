import type { Listen } from '../engine/events.ts';
import type { RunRow, StepRow } from './runRow.ts';

interface LiveStep {
  readonly state: StepRow['state'];
  /** Cluster time of its start, as in events. */
  readonly since: number;
  readonly ms: number | undefined;
  readonly text: string;
}

/** State of this window's own run beyond the journal: progress of running steps, and steps that were already done. */
export class LiveRun {
  /** Set once the run is planned. */
  run: string | undefined;
  readonly cancel = new AbortController();
  private readonly steps = new Map<string, LiveStep>();
  private readonly now: () => number;

  /** `now` returns cluster time in milliseconds, as in events (`Clock.monotonic`). */
  constructor(now: () => number) {
    this.now = now;
  }

  readonly listen: Listen = (event) => {
    if (event.type === 'planned') this.run = event.run;
    if (event.type === 'planned' || event.type === 'ended' || event.step === undefined) return;
    const before = this.steps.get(event.step);
    const since = before?.since ?? event.at;
    const text = before?.text ?? '';
    if (event.type === 'started')
      this.steps.set(event.step, { state: 'running', since: event.at, ms: undefined, text: '' });
    else if (event.type === 'progress' || event.type === 'waiting')
      this.steps.set(event.step, { state: 'running', since, ms: undefined, text: event.text });
    else if (event.type === 'done') this.steps.set(event.step, { state: 'done', since, ms: event.ms, text: '' });
    else if (event.type === 'skipped') this.steps.set(event.step, { state: 'same', since, ms: undefined, text: '' });
    else
      this.steps.set(event.step, {
        state: event.type === 'failed' ? 'failed' : 'stopped',
        since,
        ms: event.at - since,
        text,
      });
  };

  /** The journal's row, updated with the fresher state from here. */
  over(row: RunRow): RunRow {
    const steps = row.steps.map((step): StepRow => {
      const live = this.steps.get(step.id);
      if (live === undefined) return step;
      const ms = live.state === 'running' ? this.now() - live.since : (live.ms ?? step.ms);
      return { ...step, state: live.state, text: live.text, ms };
    });
    return { ...row, steps };
  }
}
