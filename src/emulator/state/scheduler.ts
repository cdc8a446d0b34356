import type { Clock } from '../../lib/clock.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import type { Store } from './store.ts';

/** An event at an instant of cluster time. Lives in the store, so that it survives a restart. */
export interface ScheduledEvent {
  readonly at: number;
  readonly type: string;
  readonly payload: unknown;
}

const table = 'events';

// Cluster milliseconds until an event is retried that failed because of a full disk.
const againMs = 10_000;

/** Fires stored events when cluster time reaches them, ordered by time, then by scheduling. */
export class Scheduler {
  private readonly clock: Clock;
  private readonly store: Store;
  private readonly fire: (event: ScheduledEvent) => void;
  private readonly failed: (error: unknown) => void;
  private readonly fired: () => void;
  private readonly ended = new AbortController();
  private last = 0;
  private armed = Infinity;
  private queue: { at: number; key: string }[] = [];

  /** `fired` is called after every instant that had events. */
  constructor(
    clock: Clock,
    store: Store,
    fire: (event: ScheduledEvent) => void,
    failed: (error: unknown) => void,
    fired: () => void,
  ) {
    this.clock = clock;
    this.store = store;
    this.fire = fire;
    this.failed = failed;
    this.fired = fired;
  }

  /** Loads the events from the store. */
  start(): void {
    this.queue = [];
    for (const [key, event] of this.store.entries<ScheduledEvent>(table)) {
      this.last = Math.max(this.last, Number(key));
      this.enqueue(event.at, key);
    }
    this.arm();
  }

  in(ms: number, type: string, payload: unknown): void {
    const event: ScheduledEvent = { at: this.clock.now() + ms, type, payload };
    const key = String(++this.last);
    this.store.put(table, key, event);
    this.enqueue(event.at, key);
    this.arm();
  }

  stop(): void {
    this.ended.abort();
  }

  private enqueue(at: number, key: string): void {
    const place = this.queue.findLastIndex((e) => e.at <= at) + 1;
    this.queue.splice(place, 0, { at, key });
  }

  // More than one sleep may be pending; a spurious wakeup is harmless.
  private arm(): void {
    const next = this.queue[0];
    if (next === undefined || next.at >= this.armed) return;
    this.armed = next.at;
    this.clock.sleep(Math.max(0, next.at - this.clock.now()), this.ended.signal).then(
      () => this.wake(next.at),
      (error: unknown) => {
        if (!OperatorError.is(error, 'cancelled')) this.failed(error);
      },
    );
  }

  private wake(at: number): void {
    if (this.ended.signal.aborted) return;
    if (at === this.armed) this.armed = Infinity;
    while (this.queue[0] !== undefined && this.queue[0].at <= this.clock.now()) {
      const { key } = this.queue.shift() ?? { key: '' };
      this.deliver(key);
    }
    this.fired();
    this.arm();
  }

  private deliver(key: string): void {
    const event = this.store.get<ScheduledEvent>(table, key);
    if (event === undefined) return; // rolled back or reset
    try {
      this.store.transact(() => {
        this.store.remove(table, key);
        this.fire(event);
      });
    } catch (error) {
      // None of it was applied: it is due again once it can be logged.
      if (OperatorError.is(error, 'disk')) this.enqueue(this.clock.now() + againMs, key);
      else {
        this.store.remove(table, key);
        this.failed(error);
      }
    }
  }
}
