import type { Listen, RunEvent } from '../engine/events.ts';
import type { Clock } from '../lib/clock.ts';
import { duration } from '../workflows/planText.ts';
import type { CloudPlan } from '../workflows/operate.ts';
import type { Terminal } from './terminal.ts';

const clockText = (ms: number): string => {
  const s = Math.floor(ms / 1000);
  return `${String(Math.floor(s / 60)).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}`;
};

interface Running {
  readonly title: string;
  readonly since: number;
  readonly expectedMs: number;
  text: string;
}

/** Redraws at most this often (wall milliseconds). */
const redrawMs = 200;

/**
 * Shows a run: one line per finished step, and on a terminal below it the steps that run now with elapsed and expected time.
 * All times are cluster time.
 */
export class Progress {
  private readonly t: Terminal;
  private readonly clock: Clock;
  private readonly wall: Clock;
  private readonly total: number;
  private readonly expected: ReadonlyMap<string, number>;
  private readonly planned: ReadonlyMap<string, string>;
  private readonly running = new Map<string, Running>();
  private readonly stop = new AbortController();
  private start = 0;
  private finished = 0;
  private drawn = 0;

  constructor(t: Terminal, plan: CloudPlan, clock: Clock, wall: Clock) {
    this.t = t;
    this.clock = clock;
    this.wall = wall;
    this.total = plan.changes.length;
    this.planned = new Map(plan.changes.map((p) => [p.step.id, p.step.title]));
    this.expected = new Map(plan.steps.map((p) => [p.step.id, p.step.expectedMs]));
  }

  readonly listen: Listen = (e) => {
    if (e.type === 'planned') this.begin(e.at);
    else if (e.type === 'started')
      this.running.set(e.step, { title: e.title, since: e.at, expectedMs: this.expected.get(e.step) ?? 0, text: '' });
    else if (e.type === 'progress' || e.type === 'waiting') this.note(e.step, e.text, e.at);
    else if (e.type === 'done') this.finish(e);
    else if (e.type === 'skipped') this.skip(e);
    else if (e.type === 'failed') this.fail(e);
    else if (e.type === 'cancelled' && e.step !== undefined) this.running.delete(e.step);
    else if (e.type === 'ended') this.end();
  };

  private begin(at: number): void {
    this.start = at;
    const stopping = 'Stopping at the next safe point; Ctrl-C again quits at once (resume goes on).';
    this.t.cancel.addEventListener('abort', () => this.line(stopping), { once: true, signal: this.stop.signal });
    if (this.t.live) void this.redrawLoop();
  }

  private note(step: string, text: string, at: number): void {
    const running = this.running.get(step);
    if (running === undefined || running.text === text) return;
    running.text = text;
    if (!this.t.live || text.startsWith('serial:')) this.line(`        ${this.at(at)} ${step} ${text}`);
  }

  private finish(e: Extract<RunEvent, { type: 'done' }>): void {
    const title = this.running.get(e.step)?.title ?? '';
    this.running.delete(e.step);
    if (this.planned.has(e.step)) this.finished++;
    this.line(
      `[${this.finished}/${this.total}] ${this.at(e.at)} ${e.step} ${title} … done in ${(e.ms / 1000).toFixed(1)} s`,
    );
  }

  // A change that turned out to be there already; what was never planned as one is not counted.
  private skip(e: Extract<RunEvent, { type: 'skipped' }>): void {
    const title = this.planned.get(e.step);
    if (title === undefined) return;
    this.finished++;
    this.line(`[${this.finished}/${this.total}] ${this.at(e.at)} ${e.step} ${title} … is so already`);
  }

  private fail(e: Extract<RunEvent, { type: 'failed' }>): void {
    this.running.delete(e.step);
    this.line(`[!] ${this.at(e.at)} ${e.step} failed: ${e.error.message}`);
  }

  private at(now: number): string {
    return clockText(now - this.start);
  }

  private line(text: string): void {
    this.erase();
    this.t.log(text);
    this.draw();
  }

  private async redrawLoop(): Promise<void> {
    while (!this.stop.signal.aborted) {
      this.erase();
      this.draw();
      await this.wall.sleep(redrawMs, this.stop.signal).catch(() => undefined); // ended by stop
    }
  }

  private draw(): void {
    if (!this.t.live || this.stop.signal.aborted) return;
    const now = this.clock.now();
    const width = (process.stderr.columns || 80) - 1;
    const rows = [...this.running.values()].map((r) => {
      const usual = r.expectedMs > 0 ? ` of about ${duration(r.expectedMs)}` : '';
      return `  ◌ ${r.title} · ${duration(now - r.since)}${usual}${r.text === '' ? '' : ` · ${r.text}`}`.slice(
        0,
        width,
      );
    });
    this.drawn = rows.length;
    if (rows.length > 0) process.stderr.write(`${rows.join('\n')}\n`);
  }

  private erase(): void {
    if (this.drawn > 0) process.stderr.write(`\u001b[${this.drawn}A\u001b[J`);
    this.drawn = 0;
  }

  private end(): void {
    this.erase();
    this.stop.abort();
  }
}
