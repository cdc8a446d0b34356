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

  readonly listen: Listen = (e) => {
    if (e.type === 'planned') this.run = e.run;
    if (e.type === 'planned' || e.type === 'ended' || e.step === undefined) return;
    const before = this.steps.get(e.step);
    const since = before?.since ?? e.at;
    const text = before?.text ?? '';
    if (e.type === 'started') this.steps.set(e.step, { state: 'running', since: e.at, ms: undefined, text: '' });
    else if (e.type === 'progress' || e.type === 'waiting')
      this.steps.set(e.step, { state: 'running', since, ms: undefined, text: e.text });
    else if (e.type === 'done') this.steps.set(e.step, { state: 'done', since, ms: e.ms, text: '' });
    else if (e.type === 'skipped') this.steps.set(e.step, { state: 'same', since, ms: undefined, text: '' });
    else this.steps.set(e.step, { state: e.type === 'failed' ? 'failed' : 'stopped', since, ms: e.at - since, text });
  };

  /** The journal's row with what is known better here. */
  over(row: RunRow): RunRow {
    const steps = row.steps.map((s): StepRow => {
      const live = this.steps.get(s.id);
      if (live === undefined) return s;
      const ms = live.state === 'running' ? this.now() - live.since : (live.ms ?? s.ms);
      return { ...s, state: live.state, text: live.text, ms };
    });
    return { ...row, steps };
  }
}
