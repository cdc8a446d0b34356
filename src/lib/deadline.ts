import type { Clock } from './clock.ts';
import { OperatorError } from './operatorError.ts';

/**
 * Runs `work` with a signal that aborts when `outer` does or when `ms` of the clock have passed; then the error is `late()`.
 * The work is abandoned, not killed: it must watch its signal.
 */
export const withDeadline = async <T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal | undefined,
  late: () => OperatorError,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const done = new AbortController();
  const inner = new AbortController();
  const signal = outer === undefined ? inner.signal : AbortSignal.any([outer, inner.signal]);
  const timer = clock.sleep(ms, done.signal).then(
    () => inner.abort(late()),
    () => undefined, // the work ended first
  );
  try {
    return await Promise.race([work(signal), rejectOnAbort(signal, done.signal)]);
  } finally {
    done.abort();
    await timer;
  }
};

const rejectOnAbort = (signal: AbortSignal, done: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const fail = (): void => {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new OperatorError('cancelled', 'Cancelled'));
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true, signal: done });
  });

/**
 * Asks until the answer is not `undefined`; sleeps `everyMs` of the clock between the questions.
 * Ends by its signal only: give it one with a deadline.
 */
export const poll = async <T>(
  clock: Clock,
  everyMs: number,
  signal: AbortSignal,
  ask: () => Promise<T | undefined>,
): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await clock.sleep(everyMs, signal);
  }
};
