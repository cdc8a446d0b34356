import { timingSafeEqual } from 'node:crypto';
import { ApiError } from './apiError.ts';
import type { ReceivedRequest } from './message.ts';

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Admits a request only with a caller's token and only if it names a loopback host: the second rule refuses web pages
 * that make the browser resolve their own name to 127.0.0.1 (DNS rebinding).
 */
export const admission =
  (callerOf: CallerOf): ((request: ReceivedRequest) => void) =>
  (request) => {
    if (!loopback.test(request.headers.host ?? '')) {
      throw new ApiError(403, 'forbidden', `Requests for this host are rejected: ${request.headers.host ?? ''}`);
    }
    if (callerOf(tokenOf(request)) === undefined) throw unauthorized();
  };

/** Name of the caller with this token; undefined for an unknown token. */
export type CallerOf = (token: string) => string | undefined;

/** Bearer token of a request. */
export const tokenOf = (request: ReceivedRequest): string =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';

/** Constant-time comparison, except for the length: all secrets have the same length. */
export const sameSecret = (given: string, secret: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const unauthorized = (): ApiError =>
  new ApiError(
    401,
    'authError',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
    {
      rpcStatus: 'UNAUTHENTICATED',
      headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' },
      location: { location: 'Authorization', locationType: 'header' },
    },
  );
