import { withDeadline } from '../lib/deadline.ts';
import { cancelled, wallClock, type Clock } from '../lib/clock.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { TextAnswer, type Answered } from '../lib/textAnswer.ts';
import type { SignIn } from './auth.ts';
import { fromFailure, fromTransport, lateAnswer } from './errors.ts';
import { requestFailure } from './failure.ts';
import type { Limits } from './limits.ts';

/** A minimal HTTP request; header names are lowercase. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The standard `fetch`, or the emulator's in-process one. */
export type FetchLike = (url: string, init: HttpRequest) => Promise<Answered>;

/** What the transport needs. */
export interface TransportParts {
  readonly fetch: FetchLike;
  readonly signIn: SignIn;
  readonly limits: Limits;
  /** Cluster time. */
  readonly clock: Clock;
  /** Wall time, to extrapolate the server's clock. */
  readonly wall: Clock;
}

// Google responds within seconds; `wait` holds a request for up to two minutes. On a scaled or virtual clock, wall time
// alone would end a request too late and cluster time alone too early, so each has its own limit and the first to pass
// applies.
const limits = { quick: { wallMs: 60_000, clusterMs: 300_000 }, long: { wallMs: 180_000, clusterMs: 600_000 } };

/** The only path to Google: signs, limits, times out, and converts every failure into an OperatorError. */
export class Transport {
  private readonly parts: TransportParts;
  private offsetMs: number | undefined;

  constructor(parts: TransportParts) {
    this.parts = parts;
  }

  /**
   * Milliseconds since the epoch by Google's clock: its last `Date` plus the time elapsed since; undefined before any
   * response.
   */
  serverNow(): number | undefined {
    return this.offsetMs === undefined ? undefined : this.parts.wall.monotonic() + this.offsetMs;
  }

  /** Sends a request and reads the whole response. A 401 is retried once with fresh credentials. */
  async send(url: string, init: HttpRequest): Promise<TextAnswer> {
    try {
      return await this.once(url, init, false);
    } catch (error) {
      if (!OperatorError.is(error, 'not-signed-in') || error.cause !== undefined) throw error;
      return this.once(url, init, true);
    }
  }

  private async once(url: string, init: HttpRequest, again: boolean): Promise<TextAnswer> {
    const headers = { ...init.headers, ...(await this.parts.signIn.headers(again)) };
    const long = init.method === 'POST' && new URL(url).pathname.endsWith('/wait');
    const outer = init.signal;
    const { status, raw, answerHeaders } = await this.parts.limits.run(long, outer, () =>
      this.timed(url, long, outer, (signal) => this.exchange(url, { ...init, headers, signal })),
    );
    if (status >= 400) throw fromFailure(requestFailure(status, raw, retryAfter(answerHeaders)));
    return new TextAnswer(raw, status, answerHeaders);
  }

  private timed<T>(url: string, long: boolean, outer: AbortSignal | undefined, work: (s: AbortSignal) => Promise<T>) {
    const { wallMs, clusterMs } = long ? limits.long : limits.quick;
    const { host } = new URL(url);
    const late = (ms: number) => () => lateAnswer(host, ms / 1000);
    return withDeadline(this.parts.clock, clusterMs, outer, late(clusterMs), (cluster) =>
      withDeadline(wallClock, wallMs, cluster, late(wallMs), work),
    );
  }

  private async exchange(url: string, init: HttpRequest & { signal: AbortSignal }) {
    try {
      const answer = await this.parts.fetch(url, init);
      const raw = await answer.text();
      this.noteTime(answer.headers);
      return { status: answer.status, raw, answerHeaders: answer.headers };
    } catch (error) {
      if (init.signal.aborted) throw cancelled(init.signal);
      throw error instanceof OperatorError ? error : fromTransport(new URL(url).host, error);
    }
  }

  private noteTime(headers: Headers): void {
    const stamp = Date.parse(headers.get('date') ?? '');
    if (!Number.isNaN(stamp)) this.offsetMs = stamp - this.parts.wall.monotonic();
  }
}

// RFC 9110 §10.2.3: seconds or a date.
const retryAfter = (headers: Headers): number | undefined => {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - Date.parse(headers.get('date') ?? '') : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};
