import { OperatorError } from '../lib/operatorError.ts';
import { type JournalRecord } from './journalRecords.ts';

/**
 * Whether another attempt may succeed: for transient errors, and where the world changed after the step observed it or
 * has not settled yet (a new account that has not propagated). The next attempt observes and decides again.
 */
export const worthAnotherLook = (error: OperatorError): boolean =>
  error.retry === 'soon' || OperatorError.is(error, 'conflict', 'already-exists', 'not-ready', 'rate-limit');

/** Whether the request certainly had no effect, or its effect has ended: the next attempt then needs a new request ID. */
export const isDefinite = (error: OperatorError): boolean =>
  !error.outcomeUnknown && !OperatorError.is(error, 'timeout', 'cancelled', 'internal');

/** The journal record of a failed attempt. */
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

/** Adds the step in which an error occurred. */
export const withStep = (error: OperatorError, step: string): OperatorError => {
  if (error.step !== undefined) return error;
  const { code, message, cause, remedies: remedy, retry, retryAfterMs, outcomeUnknown, zonesAvailable } = error;
  return new OperatorError(code, message, { cause, step, remedy, retry, retryAfterMs, outcomeUnknown, zonesAvailable });
};
