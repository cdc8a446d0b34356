import { wallClock } from '../../../src/lib/clock.ts';

/** Where a line for the person who waits goes. */
export type Say = (line: string) => void;

/** Puts the seconds since now before every line. */
export const clockedSay = (say: Say): Say => {
  const start = wallClock.now();
  return (line) => say(`${((wallClock.now() - start) / 1000).toFixed(0).padStart(5)} s  ${line}`);
};
