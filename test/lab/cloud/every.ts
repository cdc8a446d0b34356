import { wallClock } from '../../../src/lib/clock.ts';
import { OperatorError } from '../../../src/lib/operatorError.ts';

/** Repeats the work with a pause in between until the signal aborts or an error ends it. */
export const every = async (ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> => {
  while (!signal.aborted) {
    await work();
    await wallClock.sleep(ms, signal).catch((error: unknown) => {
      if (!OperatorError.is(error, 'cancelled')) throw error;
    });
  }
};
