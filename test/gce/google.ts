import { connectCloud } from '../../src/gce/connect.ts';
import type { RetryNotice } from '../../src/gce/retry.ts';
import type { FetchLike } from '../../src/gce/transport.ts';
import { seededIds } from '../../src/lib/ids.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { ungated } from '../support/ungated.ts';

/** A request as the other side of the wire sees it. */
export interface Asked {
  readonly line: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
  readonly at: number;
}

/** Status (200 unless told), headers and JSON body of an answer. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Instead of JSON. */
  readonly raw?: string;
}

/** A connection to a scripted server in the same process on virtual time; remembers what was asked. */
export const scripted = async (
  answer: (asked: Asked, n: number) => Answer | Promise<Answer>,
  start = Date.UTC(2026, 0, 1),
) => {
  const clock = new VirtualClock(start);
  const asked: Asked[] = [];
  const notices: RetryNotice[] = [];
  const fetch: FetchLike = async (url, init) => {
    const { pathname, searchParams } = new URL(url);
    const body =
      typeof init.body === 'string' && init.body !== '' ? (JSON.parse(init.body) as Record<string, unknown>) : {};
    const headers = new Headers(init.headers);
    const now: Asked = {
      line: `${init.method} ${pathname}`,
      query: searchParams,
      body,
      headers,
      at: clock.now(),
    };
    asked.push(now);
    const { status = 200, headers: more = {}, body: json, raw } = await answer(now, asked.length);
    const date = new Date(clock.now()).toUTCString();
    return new Response(raw ?? JSON.stringify(json ?? {}), { status, headers: { date, ...more } });
  };
  const cloud = await connectCloud({
    ...{ project: 'demo', endpoint: 'http://127.0.0.1:1', token: 'secret', fetch, clock, wall: clock },
    ...{ ids: seededIds('test'), onRetry: (notice: RetryNotice) => notices.push(notice) },
  });
  return { cloud: ungated(cloud), asked, notices, clock };
};

/** An operation as Compute Engine answers it. */
export const operation = (status: 'RUNNING' | 'DONE', more: Record<string, unknown> = {}): Answer => ({
  body: { kind: 'compute#operation', id: '77', name: 'operation-1-a', status, ...more },
});

/** A refusal as Compute Engine answers it. */
export const refusal = (status: number, reason: string, message: string, details: unknown[] = []): Answer => ({
  status,
  body: { error: { code: status, message, errors: [{ message, domain: 'global', reason }], details } },
});
