import { wallClock, type Clock } from '../lib/clock.ts';
import type { Ids } from '../lib/ids.ts';
import { invalid } from '../lib/operatorError.ts';
import { defaultSignIn, tokenSignIn } from './auth.ts';
import { ComputeCalls } from './calls.ts';
import type { CloudWriter } from './cloud.ts';
import { Compute } from './compute.ts';
import { Limits } from './limits.ts';
import { Rest } from './rest.ts';
import type { RetryNotice } from './retry.ts';
import { Services } from './services.ts';
import { Transport, type FetchLike } from './transport.ts';

/** How to reach a cloud. */
export interface ConnectOptions {
  readonly project: string;
  /** Which cloud it is (see `CloudReader.id`); default: Google. */
  readonly id?: string | undefined;
  /** Base URL of an emulator, for example `http://127.0.0.1:4711`; without it, requests go to Google. */
  readonly endpoint?: string | undefined;
  /** Bearer token for the endpoint; without it, Application Default Credentials are used. */
  readonly token?: string | undefined;
  /** Replaces the standard `fetch`: for an emulator in the same process. */
  readonly fetch?: FetchLike | undefined;
  /** Cluster time: waits, deadlines, request rate. */
  readonly clock: Clock;
  /** For what follows the server's clock (leases). Wall time, unless a test makes both virtual. */
  readonly wall?: Clock | undefined;
  readonly ids: Ids;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/**
 * Connects to Google or to an emulator. Sends nothing and loads nothing heavy until the first call. All calls of one
 * connection share sign-in, rate limit, and retries.
 */
export const connectCloud = (options: ConnectOptions): Promise<CloudWriter> => Promise.resolve(options).then(open);

const open = (options: ConnectOptions): CloudWriter => {
  const { project, clock, ids, onRetry, wall = wallClock } = options;
  const endpoint = options.endpoint === undefined ? undefined : checkedEndpoint(options.endpoint);
  const transport = new Transport({
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    signIn: options.token === undefined ? defaultSignIn(project) : tokenSignIn(options.token),
    limits: new Limits(clock),
    clock,
    wall,
  });
  const retry = { clock, ids, onRetry };
  const calls = new ComputeCalls(transport, retry, new URL(endpoint ?? 'https://compute.googleapis.com'));
  return {
    label: endpoint === undefined ? `Google Cloud, project ${project}` : `emulator at ${endpoint}, project ${project}`,
    project,
    id: options.id ?? 'google',
    compute: new Compute(calls, project, () => transport.serverNow()),
    services: new Services(new Rest(transport, retry, endpoint), project),
  };
};

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);

// A token sent over plain HTTP to another computer could be intercepted.
const checkedEndpoint = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.has(url.hostname));
  if (!safe || (url.pathname !== '/' && url.pathname !== '')) {
    throw invalid(`Invalid endpoint: ${text}`, 'Use http://127.0.0.1:PORT, or an https:// address without a path.');
  }
  return url.origin;
};
