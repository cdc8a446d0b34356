import type { KubernetesWriter, Manifest } from '../kube/kubernetes.ts';
import type { Clock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { probeLease } from '../steps/takeBack.ts';
import type { Probed } from '../model/probed.ts';
import { ProbeSeries } from './probeSeries.ts';

/** What a prober needs: the API, wall time, and its ratio to cluster time. */
export interface ProberParts {
  readonly kubernetes: KubernetesWriter;
  readonly wall: Clock;
  readonly timeScale: number;
  /** Wall milliseconds between two requests of the same kind. */
  readonly everyMs?: number;
}

/** How often the endpoint is probed. */
interface Pace {
  /** Wall milliseconds between two requests of the same kind. */
  readonly everyMs: number;
  /** Minimum number of requests of each kind, however short the run. */
  readonly least: number;
  /** Number of pending requests at which no more are sent. */
  readonly mostOpen: number;
}

// Five per second, as in the lab's measurements; each request's timeout is limit enough.
const wallPace: Pace = { everyMs: 200, least: 0, mostOpen: Infinity };

// An emulator's minutes are seconds: it is probed more often, and a run that takes less than a second gets enough
// requests to be meaningful. If a computer responds more slowly than it is probed, requests would queue until all are
// late and would delay the very run being measured.
const scaledPace: Pace = { everyMs: 40, least: 30, mostOpen: 8 };

/** Timeout of a request in wall milliseconds, the lab's value. A scaled clock does not make this computer faster. */
const limitMs = 3000;

// Lease is Kubernetes' object for heartbeats: nothing watches these.
const beat = (number: number, now: number): Manifest => ({
  ...probeLease(number),
  spec: { holderIdentity: 'trizone', renewTime: new Date(now).toISOString().replace('Z', '000Z') },
});

/**
 * Probes the endpoint while a verb runs: `/readyz` and a write through etcd, each over a new TLS connection. Requests
 * do not wait for each other, so a slow one hides nothing. API servers serialize writes to one object and restart
 * conflicting ones (GuaranteedUpdate of Kubernetes' etcd3 store), so each concurrent write has its own object.
 */
export class Prober {
  private readonly p: ProberParts;
  private readonly reads = new ProbeSeries();
  private readonly writes = new ProbeSeries();
  private readonly end = new AbortController();
  private readonly open = new Set<Promise<void>>();
  /** For each Lease created, whether it is being written. */
  private readonly leases: boolean[] = [];
  private readonly loop: Promise<void>;

  constructor(parts: ProberParts) {
    this.p = parts;
    this.loop = this.run();
  }

  /** Waits for the last responses and deletes what was written. */
  async stop(): Promise<Probed> {
    this.end.abort();
    await this.loop;
    await Promise.all(this.open);
    const made = this.leases.map((_, number) => beat(number, 0));
    // If the API is gone, so are the Leases.
    await Promise.all(made.map((lease) => this.p.kubernetes.remove(lease).catch(() => undefined)));
    const { timeScale } = this.p;
    return { reads: this.reads.figures(timeScale), writes: this.writes.figures(timeScale) };
  }

  private async run(): Promise<void> {
    const { kubernetes, wall, timeScale } = this.p;
    const pace = timeScale === 1 ? wallPace : scaledPace;
    const everyMs = this.p.everyMs ?? pace.everyMs;
    for (let sent = 0; !this.end.signal.aborted || sent < pace.least; sent++) {
      while (this.open.size >= pace.mostOpen) await Promise.race(this.open);
      this.ask(this.reads, (signal) => kubernetes.probe(signal));
      this.ask(this.writes, (signal) => this.write(signal));
      const signal = this.end.signal.aborted ? undefined : this.end.signal;
      await wall.sleep(everyMs, signal).catch(() => undefined); // ended by stop
    }
  }

  private async write(signal: AbortSignal): Promise<void> {
    const free = this.leases.indexOf(false);
    const number = free === -1 ? this.leases.length : free;
    this.leases[number] = true;
    try {
      await this.p.kubernetes.apply(beat(number, this.p.wall.now()), signal);
    } finally {
      this.leases[number] = false;
    }
  }

  private ask(series: ProbeSeries, request: (signal: AbortSignal) => Promise<void>): void {
    const { wall } = this.p;
    const late = () => new OperatorError('kubernetes', `No response within ${limitMs / 1000} s`);
    series.send(wall.monotonic());
    const asked = withDeadline(wall, limitMs, undefined, late, request).then(
      () => series.answer(wall.monotonic()),
      (error: unknown) => series.fail(wall.monotonic(), asOperatorError(error).message),
    );
    this.open.add(asked);
    void asked.then(() => this.open.delete(asked));
  }
}
