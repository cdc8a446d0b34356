import { OperatorError } from '../lib/operatorError.ts';
import { Findings } from './findings.ts';
import type { ObservationParts } from './observationParts.ts';
import type { Snapshot } from './snapshot.ts';

/** A refresh under way. */
interface Refresh {
  /** Resolves once the cloud has answered, or cannot be read. */
  readonly cloud: Promise<void>;
  readonly whole: Promise<void>;
}

/** Refresh interval during a run, milliseconds. */
const runMs = 2_000;
/** Minimum pause between two refreshes, if one takes longer than the interval. */
const restMs = 250;

/**
 * The single snapshot service of the editor. Sends no requests while no view is visible and no run is active; requests
 * under way are then aborted. This class decides when to refresh; `Findings` does it and keeps the result.
 */
export class Observation {
  private readonly parts: ObservationParts;
  private readonly viewers = new Set<string>();
  private isRunning = false;
  private isStopped = false;
  private known: Findings | undefined;
  /** The Findings that the loop serves: there is at most one loop, and a reset ends the old one. */
  private looped: Findings | undefined;
  private refreshing: Refresh | undefined;
  /** Wall time at which the last refresh began. */
  private begun = -Infinity;
  private isDue = false;
  private rest = new AbortController();

  constructor(parts: ObservationParts) {
    this.parts = parts;
  }

  /** The current snapshot, with the times of the last answers; undefined until first used. */
  get snapshot(): Snapshot | undefined {
    return this.known?.snapshot;
  }

  /** A view became visible. The first one gets the cached snapshot at once, before this returns. */
  look(viewer: string): void {
    const isFirst = this.viewers.size === 0;
    this.viewers.add(viewer);
    if (!isFirst || this.isStopped) return;
    this.findings().isLooked = true;
    this.hurry();
  }

  /** A view was hidden. After the last one all requests end, unless a run is active: then only the watches end. */
  leave(viewer: string): void {
    if (!this.viewers.delete(viewer) || this.viewers.size > 0) return;
    if (this.known !== undefined) this.known.isLooked = false;
    if (!this.isRunning) this.isDue = false;
    this.rouse();
  }

  /** A run began or ended. During a run the interval is 2 s, visible or not; its end triggers one more refresh. */
  running(on: boolean): void {
    if (this.isRunning === on || this.isStopped) return;
    this.isRunning = on;
    if (on) this.start();
    else this.isDue = true;
    this.rouse();
  }

  /** Refreshes now, visible or not; resolves when done, joining a refresh under way. */
  refresh(): Promise<void> {
    if (this.isStopped) return Promise.resolve();
    return (this.refreshing ?? this.begin()).whole;
  }

  /**
   * Refreshes the list of clusters for a picker: resolves with the cloud half of a refresh that began after this call,
   * because one under way may have missed a new cluster. Does not wait for Kubernetes, which may hang.
   */
  async refreshCloud(): Promise<void> {
    await this.refreshing?.whole;
    if (!this.isStopped) await (this.refreshing ?? this.begin()).cloud;
  }

  /** The connection has changed: late answers of the old one are dropped. */
  reset(): void {
    this.forget();
    if (this.isStopped) return;
    if (!this.isWanted) this.parts.listen(undefined);
    else {
      this.findings().isLooked = this.viewers.size > 0;
      this.hurry();
    }
  }

  /** Stops permanently. */
  stop(): void {
    this.isStopped = true;
    this.viewers.clear();
    this.isRunning = false;
    this.forget();
    this.rouse();
  }

  private begin(): Refresh {
    this.begun = this.parts.wall.monotonic();
    this.isDue = false;
    const half = Promise.withResolvers<void>();
    const whole = this.findings()
      .refresh(half.resolve)
      .finally(() => {
        half.resolve();
        if (this.refreshing === mine) this.refreshing = undefined;
      });
    const mine: Refresh = { cloud: half.promise, whole };
    this.refreshing = mine;
    return mine;
  }

  private get isWanted(): boolean {
    return this.viewers.size > 0 || this.isRunning || this.isDue;
  }

  private findings(): Findings {
    if (this.known === undefined) {
      this.known = new Findings(this.parts);
      this.known.publish();
    }
    return this.known;
  }

  private forget(): void {
    this.known?.close();
    this.known = undefined;
    this.refreshing = undefined;
    this.isDue = false;
  }

  private hurry(): void {
    this.isDue = true;
    this.rouse();
    this.start();
  }

  private rouse(): void {
    if (!this.isWanted) this.known?.release();
    this.rest.abort();
  }

  private start(): void {
    const findings = this.findings();
    if (this.looped === findings) return;
    this.looped = findings;
    void this.loop(findings);
  }

  private async loop(findings: Findings): Promise<void> {
    while (this.isWanted && this.known === findings) {
      await this.refresh();
      await this.pause(findings);
    }
    if (this.looped === findings) this.looped = undefined;
  }

  private async pause(findings: Findings): Promise<void> {
    const { wall, everyMs } = this.parts;
    const rested = wall.monotonic() + restMs;
    while (this.isWanted && !this.isDue && this.known === findings) {
      const due = Math.max(rested, this.begun + (this.isRunning ? runMs : everyMs()));
      if (due <= wall.monotonic()) return;
      this.rest = new AbortController();
      await wall.sleep(due - wall.monotonic(), this.rest.signal).catch((error: unknown) => {
        if (!OperatorError.is(error, 'cancelled')) throw error; // roused: re-evaluates the current state
      });
    }
  }
}
