import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Clock } from '../../src/lib/clock.ts';
import { Observation } from '../../src/ui/observation.ts';
import type { ObservationSource } from '../../src/ui/observationParts.ts';
import type { Snapshot } from '../../src/ui/snapshot.ts';
import { sourceOf } from '../../src/ui/source.ts';
import type { CloudWorld, Program } from '../support/cloudWorld.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

/** A clock that knows how many of its sleeps have not ended. */
export class CountingClock implements Clock {
  sleeping = 0;
  private readonly real: Clock;

  monotonic(): number {
    return this.real.monotonic();
  }

  get leastDeadlineMs(): number {
    return this.real.leastDeadlineMs;
  }

  constructor(real: Clock) {
    this.real = real;
  }

  now(): number {
    return this.real.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeping++;
    try {
      await this.real.sleep(ms, signal);
    } finally {
      this.sleeping--;
    }
  }

  hold<T>(work: () => Promise<T>): Promise<T> {
    return this.real.hold(work);
  }
}

/** What a test changes of an observation. */
export interface Wish {
  readonly everyMs?: number;
  readonly cacheFile?: () => string;
  /** Instead of the source over the program's session; may call that one. */
  readonly source?: (real: ObservationSource) => Promise<ObservationSource>;
}

/** An observation of a real session, and everything that it asked and told, in order. */
export class Observed {
  readonly observation: Observation;
  /** `cloud`, `kubernetes`, `watch`, `unwatch`, and `told` with what is in it. */
  readonly story: string[] = [];
  readonly told: (Snapshot | undefined)[] = [];
  readonly wall: CountingClock;
  readonly file: string;
  private waiting: (() => void)[] = [];

  constructor(t: TestContext, w: CloudWorld, p: Program, wish: Wish = {}) {
    this.wall = new CountingClock(w.clock);
    this.file = join(temporaryFolder(t), 'snapshot.json');
    const real = this.noting(sourceOf(p.session.world));
    this.observation = new Observation({
      source: () => wish.source?.(real) ?? Promise.resolve(real),
      wall: this.wall,
      cacheFile: wish.cacheFile ?? (() => this.file),
      everyMs: () => wish.everyMs ?? 15_000,
      listen: (snapshot) => this.heard(snapshot),
    });
    t.after(() => this.observation.stop());
  }

  get last(): Snapshot | undefined {
    return this.told.at(-1);
  }

  count(word: string): number {
    return this.story.filter((s) => s === word).length;
  }

  /** Waits until what was told or asked last meets the condition. */
  async until(met: (last: Snapshot | undefined) => boolean): Promise<void> {
    while (!met(this.last)) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private heard(snapshot: Snapshot | undefined): void {
    this.told.push(snapshot);
    this.note(snapshot === undefined ? 'told nothing' : `told ${words(snapshot)}`);
  }

  private note(word: string): void {
    this.story.push(word);
    const waiting = this.waiting;
    this.waiting = [];
    for (const go of waiting) go();
  }

  private noting(real: ObservationSource): ObservationSource {
    return {
      ...real,
      readCloud: () => {
        this.note('cloud');
        return real.readCloud();
      },
      readKubernetes: (door, signal) => {
        this.note('kubernetes');
        return real.readKubernetes(door, signal);
      },
      watchNodes: async (door, tell, signal) => {
        this.note('watch');
        await real.watchNodes(door, tell, signal).finally(() => this.note('unwatch'));
      },
    };
  }
}

const words = (s: Snapshot): string =>
  [
    s.fresh ? 'fresh' : 'cached',
    ...s.clusters.map((c) => {
      const nodes = [...c.masters, ...c.pools.flatMap((p) => p.nodes)].map((n) => n.node);
      const facts = ['Ready', 'NotReady', 'unknown'].flatMap((word) => {
        const n = nodes.filter((x) => x === word).length;
        return n === 0 ? [] : [`${n} ${word}`];
      });
      return [...facts, ...(c.unreachable === undefined ? [] : ['unreachable'])].join(' ');
    }),
    ...(s.problem === undefined ? [] : [`problem ${s.problem.code}`]),
  ].join(' ');
