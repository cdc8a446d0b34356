import type { Listen } from '../engine/events.ts';
import type { Clock } from '../lib/clock.ts';
import { duration } from '../operate/planText.ts';
import { RunLines } from '../operate/runLines.ts';
import type { CloudPlan } from '../operate/operator.ts';
import { stopping, type Terminal } from './terminal.ts';

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
  private readonly lines: RunLines;
  private readonly expected: ReadonlyMap<string, number>;
  private readonly running = new Map<string, Running>();
  private readonly stop = new AbortController();
  private drawn = 0;

  constructor(t: Terminal, plan: CloudPlan, clock: Clock, wall: Clock) {
    this.t = t;
    this.clock = clock;
    this.wall = wall;
    // A person who looks on sees the rest in the lines that are redrawn.
    this.lines = new RunLines(plan, ({ kind, text }) => {
      if (kind === 'step' || !t.live || text.includes(' serial:')) this.line(text);
    });
    this.expected = new Map(plan.steps.map((p) => [p.step.id, p.step.expectedMs]));
  }

  readonly listen: Listen = (e) => {
    if (e.type === 'planned') this.begin();
    else if (e.type === 'started')
      this.running.set(e.step, { title: e.title, since: e.at, expectedMs: this.expected.get(e.step) ?? 0, text: '' });
    else if (e.type === 'progress' || e.type === 'waiting') this.note(e.step, e.text);
    else if (e.type === 'ended') this.end();
    else if (e.step !== undefined) this.running.delete(e.step);
    if (e.type !== 'ended') this.lines.listen(e);
  };

  private begin(): void {
    this.t.cancel.addEventListener('abort', () => this.line(stopping), { once: true, signal: this.stop.signal });
    if (this.t.live) void this.redrawLoop();
  }

  private note(step: string, text: string): void {
    const running = this.running.get(step);
    if (running !== undefined) running.text = text;
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
    const now = this.clock.monotonic();
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
    if (this.drawn > 0) process.stderr.write(`\u001b[${this.drawn}F\u001b[J`);
    this.drawn = 0;
  }

  private end(): void {
    this.erase();
    this.stop.abort();
  }
}
