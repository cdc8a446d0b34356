import type { Listen } from '../engine/events.ts';
import type { RunRow, StepRow } from './runRow.ts';

interface LiveStep {
  readonly state: StepRow['state'];
  /** Cluster time at which it started, as events tell it. */
  readonly since: number;
  readonly ms: number | undefined;
  readonly text: string;
}

/** What this window knows of its own run beyond the journal: what steps say while they go on, and what was so already. */
export class LiveRun {
  /** Known as soon as it has begun. */
  run: string | undefined;
  readonly cancel = new AbortController();
  private readonly steps = new Map<string, LiveStep>();
  private readonly now: () => number;

  /** `now` gives cluster time in milliseconds, as events tell it (`Clock.monotonic`). */
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

  /** The journal's row with what is known better here. */
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
