import { cancelled, type Clock } from './clock.ts';
import { OperatorError } from './operatorError.ts';

// One for all: a new reason would cost its stack trace, for every request, and nobody ever sees it.
const over = new OperatorError('cancelled', 'Over');

/**
 * Runs `work` with a signal that aborts when `outer` does or when `ms` of the clock have passed; then the error is `late()`,
 * or what the work itself says within `graceMs` from then on: it knows best what it was at. The work is abandoned, not killed:
 * it must watch its signal, which hears nothing any more once the work has ended.
 */
export const withDeadline = async <T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal | undefined,
  late: () => OperatorError,
  work: (signal: AbortSignal) => Promise<T>,
  graceMs = 0,
): Promise<T> => {
  const done = new AbortController();
  const inner = new AbortController();
  const { signal } = inner;
  // By hand: AbortSignal.any costs several times as much, and keeps what listens alive for as long as `outer` lives.
  const leave = (): void => inner.abort(outer?.reason);
  if (outer?.aborted) leave();
  else outer?.addEventListener('abort', leave, { once: true });
  const timer = clock.sleep(ms, done.signal).then(
    () => inner.abort(late()),
    () => undefined, // the work ended first
  );
  try {
    return await Promise.race([
      work(signal),
      rejectOnAbort(signal, () => (graceMs > 0 ? clock.sleep(graceMs, done.signal) : undefined)),
    ]);
  } finally {
    outer?.removeEventListener('abort', leave);
    done.abort(over);
    await timer;
  }
};

const rejectOnAbort = async (signal: AbortSignal, grace: () => Promise<void> | undefined): Promise<never> => {
  if (!signal.aborted)
    await new Promise<void>((abort) => signal.addEventListener('abort', () => abort(), { once: true }));
  await grace();
  throw cancelled(signal);
};

/**
 * Asks until the answer is not `undefined`; sleeps `everyMs` of the clock between the questions, a function where the pause
 * depends on what was heard.
 * Ends by its signal only: give it one with a deadline.
 */
export const poll = async <T>(
  clock: Clock,
  everyMs: number | (() => number),
  signal: AbortSignal,
  ask: () => Promise<T | undefined>,
): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await clock.sleep(typeof everyMs === 'number' ? everyMs : everyMs(), signal);
  }
};
