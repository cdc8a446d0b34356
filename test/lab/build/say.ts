import { wallClock } from '../../../src/lib/clock.ts';

/** Sink for progress lines. */
export type Say = (line: string) => void;

/** Prefixes every line with the seconds elapsed since this call. */
export const clockedSay = (say: Say): Say => {
  const start = wallClock.now();
  return (line) => say(`${((wallClock.now() - start) / 1000).toFixed(0).padStart(5)} s  ${line}`);
};
