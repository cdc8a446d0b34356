import { withDeadline } from '../lib/deadline.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import type { WriteContext } from './step.ts';

/** Time limit of a cleanup (cluster milliseconds). */
const cleanUpMs = 5 * 60_000;

/** How long the run waits past a cleaning-up step's deadline (cluster milliseconds): enough for two nested cleanups. */
export const cleanUpGraceMs = 2 * cleanUpMs + 60_000;

/**
 * Runs `work`, then `cleanUp` regardless of the outcome: with its own signal and deadline, because the step's may have
 * passed. The step must declare `cleansUp`, so that the run waits for it.
 */
export const cleanedUp = async <W, T>(
  ctx: WriteContext<W>,
  work: () => Promise<T>,
  cleanUp: (own: WriteContext<W>) => Promise<void>,
): Promise<T> => {
  const [done] = await Promise.allSettled([work()]);
  const ms = Math.max(cleanUpMs, ctx.clock.leastDeadlineMs);
  const [cleaned] = await Promise.allSettled([
    withDeadline(ctx.clock, ms, undefined, late, (signal) => cleanUp(ownContext(ctx, signal))),
  ]);
  if (cleaned.status === 'rejected') throw both(done, asOperatorError(cleaned.reason));
  if (done.status === 'rejected') throw done.reason;
  return done.value;
};

const late = (): OperatorError =>
  new OperatorError('timeout', `Cleanup did not finish within ${cleanUpMs / 60_000} min`);

const ownContext = <W>(ctx: WriteContext<W>, signal: AbortSignal): WriteContext<W> => ({
  ...ctx,
  signal,
  call: (part) => ({ ...ctx.call(part), signal }),
});

// Keeps the error of `work` as the reason and appends what could not be cleaned up.
const both = (done: PromiseSettledResult<unknown>, left: OperatorError): OperatorError => {
  if (done.status === 'fulfilled') return left;
  const { code, message, retry, remedies, outcomeUnknown } = asOperatorError(done.reason);
  return new OperatorError(code, `${message}; cleanup also failed: ${left.message}`, {
    ...{ cause: done.reason as unknown, retry, outcomeUnknown },
    remedy: left.remedies.length > 0 ? left.remedies : remedies,
  });
};
