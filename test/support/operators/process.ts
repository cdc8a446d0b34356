import { fileJournals } from '../../../src/engine/journal.ts';
import type { Journal, Journals } from '../../../src/engine/journalRecords.ts';
import { unreachable } from '../../../src/kube/answer.ts';
import type { FetchLike } from '../../../src/gce/transport.ts';
import { randomBelow, type Ids } from '../../../src/lib/ids.ts';
import { cancelled, type Clock } from '../../../src/lib/clock.ts';
import { broken, type Computer } from './computer.ts';

/** Called when a run begins or is resumed. */
export interface Begins {
  readonly created: (plan: Parameters<Journals['create']>[0]) => void;
  readonly opened: (run: string) => void;
}

/** Timeout of the Kubernetes client, milliseconds. */
const kubernetesMs = 5000;

/** Maximum random delay of a request about the root record, milliseconds. */
const rootMs = 400;

// The prober sends five requests a second; over the hours of a story that would dominate its cost.
const probe = { everyMs: 200, hereMs: 60_000 } as const;

// Intervals of polling loops. Loops that poll in vain for long are slowed down here.
const polls: readonly number[] = [2000, 3000, 5000];
const patience = { looks: 3, factor: 2, most: 24, forgottenMs: 240_000 } as const;

// Validations and drains made impossible by others end after five minutes instead of fifteen.
const deadline = { ms: 900_000, hereMs: 300_000 } as const;

/**
 * One process on a computer. A dead one does nothing: its timers never fire, its requests are never answered. At the
 * end of a story `bury` releases what it still waits for.
 */
export class Process {
  readonly computer: Computer;
  readonly clock: Clock;
  readonly journals: Journals;
  private readonly ids: Ids;
  private readonly death = Promise.withResolvers<never>();
  private readonly grave = Promise.withResolvers<never>();
  private readonly polled = new Map<number, { readonly at: number; readonly count: number }>();
  private isDead = false;

  constructor(computer: Computer, folder: string, ids: Ids, begins: Begins) {
    this.computer = computer;
    this.ids = ids;
    this.clock = this.clockOf(computer);
    this.journals = this.journalsOf(fileJournals(folder), begins);
    for (const { promise } of [this.death, this.grave]) promise.catch(() => undefined); // handled where they are raced
  }

  get dead(): boolean {
    return this.isDead;
  }

  /** Rejects at the moment of death: callers do not wait for the rest of a dead process's work. */
  untilDeath<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.death.promise]);
  }

  kill(): void {
    this.isDead = true;
    this.death.reject(new Error('killed'));
  }

  /** Releases what the dead process still waits for. */
  bury(): void {
    this.kill();
    this.grave.reject(broken('ECONNRESET'));
  }

  /**
   * `fetch` by this process. Requests about the root record are
   * sent after a random delay: two simultaneous starts differ.
   */
  through(fetch: FetchLike): FetchLike {
    return async (url, init) => {
      const isOfRoot = url.includes('-master-ip');
      if (isOfRoot) await this.computer.base.sleep(randomBelow(this.ids, rootMs));
      return this.sent(
        () => (isOfRoot ? this.late(fetch(url, init)) : fetch(url, init)),
        () => this.computer.connected(),
      );
    };
  }

  // The cloud has answered already: only the answer is late.
  private async late<T>(asked: Promise<T>): Promise<T> {
    const answer = await asked;
    const { base, nextRootMs } = this.computer;
    this.computer.nextRootMs = 0;
    if (nextRootMs > 0) await base.sleep(nextRootMs);
    return answer;
  }

  /** A request to Kubernetes by this process. */
  async asked<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.sent(work, () => this.clock.sleep(kubernetesMs));
    } catch (error) {
      throw error instanceof TypeError ? unreachable(what, 'ECONNRESET', error) : error;
    }
  }

  // A request is under way as soon as it is sent; its answer is
  // lost if the computer has slept or lost its network since.
  private async sent<T>(work: () => Promise<T>, silence: () => Promise<void>): Promise<T> {
    const { computer } = this;
    const isLast = computer.isFallingAsleep && !this.isDead;
    if (!isLast) await this.turn();
    if (computer.network === 'refused') throw broken('ECONNREFUSED');
    if (computer.network === 'silent') {
      await silence();
      throw broken('ECONNRESET');
    }
    const { lost } = computer;
    const answer = await work();
    await this.turn();
    if (isLast || computer.lost !== lost) throw broken('ECONNRESET');
    return answer;
  }

  // Waits until the computer is awake; never returns in a dead process.
  private async turn(): Promise<void> {
    if (this.computer.isAsleep) await this.computer.awake();
    if (this.isDead) await this.grave.promise;
  }

  private clockOf(computer: Computer): Clock {
    const { base } = computer;
    const sleep = async (wanted: number, signal?: AbortSignal): Promise<void> => {
      if (signal?.aborted) throw cancelled(signal);
      const ms = this.stretched(wanted);
      const due = computer.monotonic() + ms;
      for (let left = ms; ; left = due - computer.monotonic()) {
        if (this.isDead) await new Promise(() => undefined);
        await base.sleep(left, signal);
        await computer.awake();
        if (due <= computer.monotonic()) break;
      }
      if (this.isDead) await new Promise(() => undefined);
    };
    return {
      now: () => base.now() + computer.offsetMs,
      monotonic: () => computer.monotonic(),
      sleep,
      hold: (work) => base.hold(work),
      leastDeadlineMs: 0,
    };
  }

  private stretched(ms: number): number {
    if (ms === probe.everyMs) return probe.hereMs;
    if (ms === deadline.ms) return deadline.hereMs;
    if (!polls.includes(ms)) return ms;
    const now = this.computer.monotonic();
    const before = this.polled.get(ms);
    const count = before !== undefined && now - before.at < patience.forgottenMs ? before.count + 1 : 0;
    this.polled.set(ms, { at: now, count });
    return ms * Math.min(patience.most, patience.factor ** Math.max(0, count - patience.looks));
  }

  private journalsOf(real: Journals, { created, opened }: Begins): Journals {
    const guarded = (journal: Journal): Journal => ({
      records: journal.records,
      append: (record) => {
        this.write();
        journal.append(record);
      },
    });
    return {
      read: (run) => real.read(run),
      list: () => real.list(),
      open: (run) => {
        opened(run);
        return guarded(real.open(run));
      },
      create: (plan) => {
        this.write();
        created(plan);
        return guarded(real.create(plan));
      },
    };
  }

  private write(): void {
    if (this.computer.recordsLeft <= 0) this.kill();
    if (this.isDead) throw new Error('killed');
    if (this.computer.isDiskFull)
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    this.computer.recordsLeft--;
  }
}
