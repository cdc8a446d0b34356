import { OperatorError } from '../lib/operatorError.ts';
import { Findings } from './findings.ts';
import type { ObservationParts } from './observationParts.ts';
import type { Snapshot } from './snapshot.ts';

/** A refresh under way. */
interface Refresh {
  /** Over once the cloud has answered, or cannot be asked. */
  readonly cloud: Promise<void>;
  readonly whole: Promise<void>;
}

/** The pace during a run, milliseconds. */
const runMs = 2_000;
/** Least rest between two refreshes, where one takes longer than the pace. */
const restMs = 250;

/**
 * The one snapshot service of the editor. Nothing is asked while nobody looks and no run is on; what is under way then is let
 * go of. This class decides when to ask; `Findings` asks and knows.
 */
export class Observation {
  private readonly parts: ObservationParts;
  private readonly viewers = new Set<string>();
  private isRunning = false;
  private isStopped = false;
  private known: Findings | undefined;
  /** Whom the loop works for: there is at most one, and after a reset the old one ends. */
  private looped: Findings | undefined;
  private refreshing: Refresh | undefined;
  /** Wall time at which the last refresh began. */
  private begun = -Infinity;
  private isDue = false;
  private rest = new AbortController();

  constructor(parts: ObservationParts) {
    this.parts = parts;
  }

  /** What is known now, with the times of the last answers; undefined before the first look. */
  get snapshot(): Snapshot | undefined {
    return this.known?.snapshot;
  }

  /** A view has become visible. The first one gets what the cache has at once, before this returns. */
  look(viewer: string): void {
    const isFirst = this.viewers.size === 0;
    this.viewers.add(viewer);
    if (!isFirst || this.isStopped) return;
    this.findings().isLooked = true;
    this.hurry();
  }

  /** A view has gone. After the last one everything that is under way ends, unless a run is on: then only the watches do. */
  leave(viewer: string): void {
    if (!this.viewers.delete(viewer) || this.viewers.size > 0) return;
    if (this.known !== undefined) this.known.isLooked = false;
    if (!this.isRunning) this.isDue = false;
    this.rouse();
  }

  /** A run began or ended. During one the pace is 2 s, hidden or not; its end is looked at once more. */
  running(on: boolean): void {
    if (this.isRunning === on || this.isStopped) return;
    this.isRunning = on;
    if (on) this.start();
    else this.isDue = true;
    this.rouse();
  }

  /** Looks now, looked at or not; resolves when it has, or with the one that is under way. */
  refresh(): Promise<void> {
    if (this.isStopped) return Promise.resolve();
    return (this.refreshing ?? this.begin()).whole;
  }

  /**
   * The clusters that there are now, for a choice among them: resolves with the cloud's half of a refresh that began after this
   * call, for one that is under way may have asked before somebody made another. Kubernetes, which may hang, is not waited for.
   */
  async refreshCloud(): Promise<void> {
    await this.refreshing?.whole;
    if (!this.isStopped) await (this.refreshing ?? this.begin()).cloud;
  }

  /** The connection is another one now: what the old one still answers is dropped. */
  reset(): void {
    this.forget();
    if (this.isStopped) return;
    if (!this.isWanted) this.parts.listen(undefined);
    else {
      this.findings().isLooked = this.viewers.size > 0;
      this.hurry();
    }
  }

  /** For good. */
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
        if (!OperatorError.is(error, 'cancelled')) throw error; // roused: what holds now is looked at again
      });
    }
  }
}
