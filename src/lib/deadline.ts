import { cancelled, type Clock } from './clock.ts';
import { OperatorError } from './operatorError.ts';

// Shared: a new error would capture a stack trace for every request, and this one never surfaces.
const over = new OperatorError('cancelled', 'Over');

/**
 * Runs `work` with a signal that aborts when `outer` does or after `ms` of the clock; the error is then `late()`, or
 * the work's own error if it fails within another `graceMs` (it knows best what it was doing). The work is abandoned,
 * not killed: it must watch its signal, which never aborts once the work has ended.
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
  // By hand: AbortSignal.any costs several times as much and keeps its listeners alive as long as `outer` lives.
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
 * Calls `ask` until it returns something other than `undefined`, sleeping `everyMs` of the clock in between (a function
 * where the pause depends on the last answer). Only its signal ends it: pass one with a deadline.
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
