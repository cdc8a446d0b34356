import type { KubernetesWriter, Manifest } from '../kube/kubernetes.ts';
import type { Clock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { probeLease } from '../steps/takeBack.ts';
import type { Probed } from '../model/probed.ts';
import { ProbeSeries } from './probeSeries.ts';

/** What a prober needs: the API, wall time, and how that runs against cluster time. */
export interface ProberParts {
  readonly kubernetes: KubernetesWriter;
  readonly wall: Clock;
  readonly timeScale: number;
  /** Wall milliseconds between two requests of a kind. */
  readonly everyMs?: number;
}

/** How often the endpoint is asked. */
interface Pace {
  /** Wall milliseconds between two requests of a kind. */
  readonly everyMs: number;
  /** Requests of each kind, however soon the verb is over. */
  readonly least: number;
  /** Requests under way from which on no more are sent. */
  readonly mostOpen: number;
}

// Five a second, as the lab measured with; the limit of each request is limit enough.
const wallPace: Pace = { everyMs: 200, least: 0, mostOpen: Infinity };

// An emulator's minutes are seconds: it is asked more often, and a verb that is over within a second is asked enough to prove
// something. A computer that answers more slowly than it is asked would queue requests until all are late, and what it is there
// to watch as well.
const scaledPace: Pace = { everyMs: 40, least: 30, mostOpen: 8 };

/** Wall milliseconds that a request may take, the lab's limit. A scaled clock makes this computer no faster. */
const limitMs = 3000;

// A Lease is what Kubernetes has for heartbeats: nobody watches these.
const beat = (number: number, now: number): Manifest => ({
  ...probeLease(number),
  spec: { holderIdentity: 'trizone', renewTime: new Date(now).toISOString().replace('Z', '000Z') },
});

/**
 * Asks the endpoint while a verb works: `/readyz` and a write through etcd, each over a new TLS connection. A request does not wait
 * for the one before, so that a slow one hides nothing; nor do API servers let it: of writes to one object they take one at a time,
 * the others start over (GuaranteedUpdate of Kubernetes' etcd3 store), so each write under way has an object of its own.
 */
export class Prober {
  private readonly p: ProberParts;
  private readonly reads = new ProbeSeries();
  private readonly writes = new ProbeSeries();
  private readonly end = new AbortController();
  private readonly open = new Set<Promise<void>>();
  /** Of each Lease that it has made, whether it is being written. */
  private readonly leases: boolean[] = [];
  private readonly loop: Promise<void>;

  constructor(parts: ProberParts) {
    this.p = parts;
    this.loop = this.run();
  }

  /** Waits for the last answers and takes back what was written. */
  async stop(): Promise<Probed> {
    this.end.abort();
    await this.loop;
    await Promise.all(this.open);
    const made = this.leases.map((_, number) => beat(number, 0));
    // An API that is gone has no Leases either.
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
