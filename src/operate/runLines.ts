import { english } from '../lib/message.ts';
import type { Listen, RunEvent } from '../engine/events.ts';
import type { CloudPlan } from './operator.ts';

const clockText = (ms: number): string => {
  const s = Math.floor(ms / 1000);
  return `${String(Math.floor(s / 60)).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}`;
};

/** A line of a run: `step` ones tell that a step ended, `said` ones what a step that goes on says. */
export interface RunLine {
  readonly kind: 'step' | 'said';
  readonly text: string;
}

/**
 * Turns a run's events into the lines that terminal, run log and output channel show: one for each step that ends, and what
 * a step says while it goes on (boot lines of machines), each once. Times are cluster time since the start.
 */
export class RunLines {
  private readonly write: (line: RunLine) => void;
  private readonly planned: ReadonlyMap<string, string>;
  private readonly titles = new Map<string, string>();
  private readonly said = new Map<string, string>();
  private start = 0;
  private finished = 0;

  constructor(plan: CloudPlan, write: (line: RunLine) => void) {
    this.write = write;
    this.planned = new Map(plan.changes.map((p) => [p.step.id, english(p.step.title)]));
  }

  readonly listen: Listen = (e) => {
    if (e.type === 'planned') this.start = e.at;
    else if (e.type === 'started') this.titles.set(e.step, e.title);
    else if (e.type === 'progress' || e.type === 'waiting') this.say(e);
    else if (e.type === 'done') this.done(e);
    else if (e.type === 'skipped') this.skipped(e);
    else if (e.type === 'failed') this.step(e.at, '[!]', `${e.step} failed: ${e.error.message}`);
    else if (e.type === 'ended') this.step(e.at, '[=]', e.state);
  };

  private say(e: Extract<RunEvent, { type: 'progress' | 'waiting' }>): void {
    if (this.said.get(e.step) === e.text) return;
    this.said.set(e.step, e.text);
    this.write({ kind: 'said', text: `        ${this.at(e.at)} ${e.step} ${e.text}` });
  }

  private done(e: Extract<RunEvent, { type: 'done' }>): void {
    if (this.planned.has(e.step)) this.finished++;
    const took = `${(e.ms / 1000).toFixed(1)} s`;
    this.step(e.at, this.count(), `${e.step} ${this.titles.get(e.step) ?? ''} … done in ${took}`);
  }

  // A change that turned out to be there already; what was never planned as one is not counted.
  private skipped(e: Extract<RunEvent, { type: 'skipped' }>): void {
    const title = this.planned.get(e.step);
    if (title === undefined) return;
    this.finished++;
    this.step(e.at, this.count(), `${e.step} ${title} … is so already`);
  }

  private step(at: number, head: string, text: string): void {
    this.write({ kind: 'step', text: `${head} ${this.at(at)} ${text}` });
  }

  private count(): string {
    return `[${this.finished}/${this.planned.size}]`;
  }

  private at(now: number): string {
    return clockText(now - this.start);
  }
}
