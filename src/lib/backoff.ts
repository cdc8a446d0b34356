import { randomBelow, type Ids } from './ids.ts';

/** Exponential backoff with jitter (milliseconds). */
export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly capMs: number;
}

/** Delay before retry number `attempt` (1 = first retry): between half and all of the exponential value. */
export const backoffMs = (backoff: Backoff, attempt: number, ids: Ids): number => {
  const full = Math.min(backoff.capMs, backoff.firstMs * backoff.factor ** (attempt - 1));
  return full / 2 + randomBelow(ids, Math.max(1, Math.floor(full / 2)));
};
