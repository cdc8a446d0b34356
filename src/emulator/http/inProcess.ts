import { TextAnswer } from '../../lib/textAnswer.ts';
import type { Dispatcher } from './dispatcher.ts';
import { splitTarget } from './message.ts';

/** The supported part of fetch's second argument. */
export interface InProcessRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal | null;
}

/** fetch without a socket, for tests on virtual time. */
export const inProcessFetch = async (
  dispatcher: Dispatcher,
  wallNow: () => number,
  url: string,
  init: InProcessRequest,
): Promise<TextAnswer> => {
  const { host, pathname, search } = new URL(url);
  const given = Object.entries(init.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const body = typeof init.body === 'string' ? init.body : Buffer.from(init.body ?? []).toString('utf8');
  const answer = await dispatcher.serve({
    method: init.method ?? 'GET',
    ...splitTarget(`${pathname}${search}`),
    headers: { host, ...(Object.fromEntries(given) as Record<string, string>) },
    body,
    signal: init.signal ?? undefined,
  });
  if (answer === 'reset') {
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    throw new TypeError('fetch failed', { cause });
  }
  const headers = new Headers({ date: new Date(wallNow()).toUTCString(), ...answer.headers });
  return new TextAnswer(answer.body, answer.status, headers);
};
