import type { Listen } from '../engine/events.ts';
import type { Clock } from '../lib/clock.ts';
import type { CloudPlan } from '../operate/operator.ts';
import { RunLines, type RunLine } from '../operate/runLines.ts';
import { dim, green, red } from './paint.ts';
import { runTable, type RunningStep } from './runTable.ts';
import { stopping, type Terminal } from './terminal.ts';

/** Redraw interval (wall milliseconds). */
const redrawMs = 200;

/** What is displayed of a run. */
export interface Shown {
  readonly title: string;
  readonly plan: CloudPlan;
  /** Also display progress messages of steps and machines. */
  readonly verbose: boolean;
}

/** The clocks of a run: cluster time and wall time. */
export interface Clocks {
  readonly clock: Clock;
  readonly wall: Clock;
}

type Running = Pick<RunningStep, 'title' | 'usualMs'> & { readonly since: number; lastWord: string };

/**
 * Displays a run: a line for each step that ends and, on a screen, a table of the running steps below. Without a
 * screen, every message is a line. All times are cluster time.
 */
export class Progress {
  private readonly t: Terminal;
  private readonly shown: Shown;
  private readonly clocks: Clocks;
  private readonly lines: RunLines;
  private readonly usual: ReadonlyMap<string, number>;
  private readonly running = new Map<string, Running>();
  private readonly stop = new AbortController();
  private start = 0;

  constructor(terminal: Terminal, shown: Shown, clocks: Clocks) {
    this.t = terminal;
    this.shown = shown;
    this.clocks = clocks;
    this.lines = new RunLines(shown.plan, (line) => this.line(line));
    this.usual = new Map(shown.plan.steps.map((p) => [p.step.id, p.step.expectedMs]));
  }

  readonly listen: Listen = (event) => {
    if (event.type === 'planned') this.begin(event.at);
    else if (event.type === 'started')
      this.running.set(event.step, {
        title: event.title,
        since: event.at,
        usualMs: this.usual.get(event.step) ?? 0,
        lastWord: '',
      });
    else if (event.type === 'progress' || event.type === 'waiting') this.note(event.step, event.text);
    else if (event.type === 'ended') this.end();
    else if (event.step !== undefined) this.running.delete(event.step);
    if (event.type !== 'ended') this.lines.listen(event);
  };

  /** Ends the display, however the run has ended. */
  end(): void {
    this.stop.abort();
    this.t.screen?.show([]);
  }

  private begin(at: number): void {
    this.start = at;
    const { signal } = this.stop;
    this.t.cancel.addEventListener('abort', () => this.t.log(stopping), { once: true, signal });
    if (this.t.screen !== undefined) void this.redrawLoop();
  }

  private note(step: string, text: string): void {
    const running = this.running.get(step);
    if (running !== undefined) running.lastWord = text;
  }

  private line({ kind, text, brief }: RunLine): void {
    if (this.t.screen === undefined) this.t.log(text);
    else if (kind !== 'said') this.t.log(`${kind === 'failed' ? red('✗') : green('✓')} ${brief}`);
    else if (this.shown.verbose) this.t.log(dim(`  ${brief}`));
  }

  private async redrawLoop(): Promise<void> {
    while (!this.stop.signal.aborted) {
      this.draw();
      await this.clocks.wall.sleep(redrawMs, this.stop.signal).catch(() => undefined); // ended by stop
    }
  }

  private draw(): void {
    const { screen } = this.t;
    if (screen === undefined) return;
    const now = this.clocks.clock.monotonic();
    const { title, plan } = this.shown;
    const steps = [...this.running.values()].map((r) => ({ ...r, elapsedMs: now - r.since }));
    const run = { title, ...this.lines.counted, elapsedMs: now - this.start, usualMs: plan.expectedMs, steps };
    screen.show(runTable(run, screen.size));
  }
}
