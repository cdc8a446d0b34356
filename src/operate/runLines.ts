import { english } from '../lib/message.ts';
import type { Listen, RunEvent } from '../engine/events.ts';
import type { CloudPlan } from './operator.ts';

const clockText = (ms: number): string => {
  const s = Math.floor(ms / 1000);
  return `${String(Math.floor(s / 60)).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}`;
};

// Aligned below the durations.
const beside = (text: string): string => `${' '.repeat(8)}  ${text}`;

/** A line of a run: the end of a step or of the run, or progress of a running step. */
export interface RunLine {
  readonly kind: 'done' | 'failed' | 'said' | 'ended';
  readonly text: string;
  /** A shorter form for terminals that show the count and the running steps below: time, duration, and step. */
  readonly brief: string;
}

/**
 * Converts a run's events into the lines shown by terminal, run log, and output channel: one for each step that ends,
 * and the progress of running steps (boot lines of machines), without repetitions. Times are cluster time since the
 * start.
 */
export class RunLines {
  private readonly write: (line: RunLine) => void;
  private readonly planned: ReadonlyMap<string, string>;
  private readonly titles = new Map<string, string>();
  private readonly printed = new Map<string, string>();
  private start = 0;
  private finished = 0;

  /** Number of planned steps done, and their total. */
  get counted(): { readonly done: number; readonly total: number } {
    return { done: this.finished, total: this.planned.size };
  }

  constructor(plan: CloudPlan, write: (line: RunLine) => void) {
    this.write = write;
    this.planned = new Map(plan.changes.map((p) => [p.step.id, english(p.step.title)]));
  }

  readonly listen: Listen = (event) => {
    if (event.type === 'planned') this.start = event.at;
    else if (event.type === 'started') this.titles.set(event.step, event.title);
    else if (event.type === 'progress' || event.type === 'waiting') this.print(event);
    else if (event.type === 'done') this.done(event);
    else if (event.type === 'skipped') this.skipped(event);
    else if (event.type === 'failed') this.failed(event);
    else if (event.type === 'ended') this.line('ended', event.at, '[=]', event.state);
  };

  private print(event: Extract<RunEvent, { type: 'progress' | 'waiting' }>): void {
    if (this.printed.get(event.step) === event.text) return;
    this.printed.set(event.step, event.text);
    const text = `${this.at(event.at)} ${event.step} ${event.text}`;
    this.write({ kind: 'said', text: `        ${text}`, brief: text });
  }

  private done(event: Extract<RunEvent, { type: 'done' }>): void {
    if (this.planned.has(event.step)) this.finished++;
    const took = `${(event.ms / 1000).toFixed(1)} s`;
    const title = this.titles.get(event.step) ?? '';
    this.line(
      'done',
      event.at,
      this.count(),
      `${event.step} ${title} … done in ${took}`,
      `${took.padStart(8)}  ${title}`,
    );
  }

  // A planned change that was already done; steps not planned as changes are not counted.
  private skipped(event: Extract<RunEvent, { type: 'skipped' }>): void {
    const title = this.planned.get(event.step);
    if (title === undefined) return;
    this.finished++;
    this.line(
      'done',
      event.at,
      this.count(),
      `${event.step} ${title} … already done`,
      beside(`${title}: already done`),
    );
  }

  private failed({ step, at, error }: Extract<RunEvent, { type: 'failed' }>): void {
    const title = this.titles.get(step) ?? step;
    this.line('failed', at, '[!]', `${step} failed: ${error.message}`, beside(`${title}: ${error.message}`));
  }

  private line(kind: RunLine['kind'], at: number, head: string, text: string, brief = text): void {
    this.write({ kind, text: `${head} ${this.at(at)} ${text}`, brief: `${this.at(at)} ${brief}` });
  }

  private count(): string {
    return `[${this.finished}/${this.planned.size}]`;
  }

  private at(now: number): string {
    return clockText(now - this.start);
  }
}
