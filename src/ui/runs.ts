import { journalStamp, readRun, runNames } from '../engine/journal.ts';
import type { StoredRun } from '../engine/journalRecords.ts';
import { liveHolder } from '../engine/lease.ts';
import { leaseName } from '../model/clusterIdentity.ts';
import type { Clock } from '../lib/clock.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { LiveRun } from './liveRun.ts';
import type { RunRow } from './runRow.ts';
import { storedRow } from './storedRow.ts';

/** Maximum number of runs shown; older ones stay on disk and in `trizone runs`. */
const shown = 50;
/** Wall milliseconds between two reads of the state folder while a view is visible. */
const everyMs = 1000;

// Polling every second must not raise errors: `trizone runs` and every verb report what cannot be read.
const readable = <T>(look: () => T, otherwise: T): T => {
  try {
    return look();
  } catch (error) {
    if (OperatorError.is(error, 'disk')) return otherwise;
    throw error;
  }
};

/** Dependencies of a window's runs. */
export interface RunsParts {
  readonly folder: string;
  readonly wall: Clock;
  readonly pid: number;
}

/**
 * The runs of this computer as every window shows them: from the journals of the state
 * folder, which other windows and the command line also write, plus this window's fresher
 * state of its own. Polls only while a view is visible or a run is active.
 */
export class Runs {
  private readonly p: RunsParts;
  private readonly stored = new Map<string, { stamp: string; run: StoredRun | undefined }>();
  private readonly live = new Set<LiveRun>();
  private readonly plans = new Map<string, RunRow>();
  private readonly viewers = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private stop: AbortController | undefined;
  private rowsNow: readonly RunRow[] = [];

  constructor(parts: RunsParts) {
    this.p = parts;
  }

  /** Newest first, after the plans that wait for confirmation. */
  get rows(): readonly RunRow[] {
    return this.rowsNow;
  }

  /** Whether any run is active, here or elsewhere. */
  get active(): boolean {
    return this.rowsNow.some((r) => r.state === 'running' || r.state === 'elsewhere');
  }

  onChange(listener: () => void): { dispose: () => void } {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  }

  look(viewer: string): void {
    this.viewers.add(viewer);
    this.read();
    this.keepLooking();
  }

  leave(viewer: string): void {
    this.viewers.delete(viewer);
    this.rest();
  }

  /** Shows a plan before it is confirmed: plan and run are the same tree. */
  addPlan(row: RunRow): void {
    this.plans.set(row.run, row);
    this.read();
  }

  removePlan(run: string): void {
    if (this.plans.delete(run)) this.read();
  }

  /** Follows a run that this window starts, until `end`. `now` returns its cluster time. */
  begin(now: () => number): LiveRun {
    const live = new LiveRun(now);
    this.live.add(live);
    this.keepLooking();
    return live;
  }

  end(live: LiveRun): void {
    this.live.delete(live);
    this.read();
    this.rest();
  }

  /** The run of this window that can be cancelled from here. */
  own(run: string): LiveRun | undefined {
    return [...this.live].find((l) => l.run === run);
  }

  get(run: string): RunRow | undefined {
    return this.rowsNow.find((r) => r.run === run);
  }

  /**
   * Reads changes from disk, and notifies the listeners when
   * anything except the time changed, or while a run is active.
   */
  read(): void {
    const { folder, wall, pid } = this.p;
    const before = this.rowsNow;
    const rows = readable(() => runNames(folder), [])
      .slice(0, shown)
      .flatMap((name) => {
        const run = this.storedRun(name);
        if (run === undefined) return [];
        const lease = leaseName(run.plan.cluster, run.plan);
        const holder = readable(() => liveHolder(folder, lease, wall), undefined);
        const row = storedRow(run, { holder, pid, now: wall.now() });
        return [this.own(name)?.over(row) ?? row];
      });
    this.rowsNow = [...[...this.plans.values()].reverse(), ...rows];
    if (this.active || JSON.stringify(before) !== JSON.stringify(this.rowsNow)) for (const l of this.listeners) l();
  }

  dispose(): void {
    this.stop?.abort();
    this.listeners.clear();
  }

  private storedRun(name: string): StoredRun | undefined {
    const stamp = journalStamp(this.p.folder, name);
    const known = this.stored.get(name);
    if (known?.stamp === stamp) return known.run;
    const run = readRun(this.p.folder, name);
    this.stored.set(name, { stamp, run });
    return run;
  }

  private keepLooking(): void {
    if (this.stop !== undefined) return;
    this.stop = new AbortController();
    void this.loop(this.stop.signal);
  }

  private rest(): void {
    if (this.viewers.size > 0 || this.live.size > 0) return;
    this.stop?.abort();
    this.stop = undefined;
  }

  private async loop(stop: AbortSignal): Promise<void> {
    const slept = (): Promise<boolean> =>
      this.p.wall.sleep(everyMs, stop).then(
        () => true,
        () => false, // ended by stop
      );
    while (await slept()) this.read();
  }
}
