import { OperatorError } from '../lib/operatorError.ts';
import { type JournalRecord } from './journalRecords.ts';

/**
 * Whether another attempt may succeed: besides what passes by itself, the world is not what it was when the step looked, or not yet
 * what it is about to be (a new account that is not known everywhere). The next attempt looks again, and decides on what it sees then.
 */
export const worthAnotherLook = (error: OperatorError): boolean =>
  error.retry === 'soon' || OperatorError.is(error, 'conflict', 'already-exists', 'not-ready', 'rate-limit');

/** Whether it certainly had no effect, or an effect that has ended: the next attempt then needs an id of its own. */
export const isDefinite = (error: OperatorError): boolean =>
  !error.outcomeUnknown && !OperatorError.is(error, 'timeout', 'cancelled', 'internal');

/** What the journal keeps of a failed attempt. */
export const failedRecord = (
  step: string,
  { code, message, remedy, remedies }: OperatorError,
  definite: boolean,
): JournalRecord => ({
  type: 'failed',
  step,
  code,
  message,
  definite,
  ...(remedy === undefined ? {} : { remedy, remedies: [...remedies] }),
});

/** The error with the step in which it occurred. */
export const withStep = (error: OperatorError, step: string): OperatorError => {
  if (error.step !== undefined) return error;
  const { code, message, cause, remedies: remedy, retry, retryAfterMs, outcomeUnknown, zonesAvailable } = error;
  return new OperatorError(code, message, { cause, step, remedy, retry, retryAfterMs, outcomeUnknown, zonesAvailable });
};
