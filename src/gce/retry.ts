import { backoffMs, type Backoff } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Ids } from '../lib/ids.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';

/** A request that is about to be retried. */
export interface RetryNotice {
  readonly error: OperatorError;
  /** 1 = the first retry. */
  readonly attempt: number;
  readonly delayMs: number;
}

/** What retrying needs. */
export interface RetryParts {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Called before every wait, so that the user sees that Google asked to slow down. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

const backoff: Backoff = { firstMs: 1_000, factor: 2, capMs: 32_000 };
const maxAttempts = 5;
// A resource being created, or an operation that blocks ours, may take longer without anything being wrong.
const busyMs = 180_000;

/**
 * Retries errors that the error table marks `soon`, with jitter, never sooner than Retry-After asks. The work keeps its
 * requestId, so a repeat after a lost response takes effect only once. Gives up after five attempts; for "not ready"
 * and "in progress" after three minutes of cluster time; always with the last error.
 */
export const withRetry = async <T>(
  parts: RetryParts,
  signal: AbortSignal | undefined,
  work: (attempt: number) => Promise<T>,
): Promise<T> => {
  const start = parts.clock.monotonic();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (thrown) {
      const error = asOperatorError(thrown);
      const spent = isBusy(error) ? parts.clock.monotonic() - start >= busyMs : attempt >= maxAttempts;
      if (error.retry !== 'soon' || spent) throw error;
      const delayMs = Math.max(error.retryAfterMs ?? 0, backoffMs(backoff, attempt, parts.ids));
      parts.onRetry?.({ error, attempt, delayMs });
      await parts.clock.sleep(delayMs, signal);
    }
  }
};

const isBusy = (error: OperatorError): boolean => OperatorError.is(error, 'not-ready', 'conflict');
