import type { Clock } from '../lib/clock.ts';

/** Wall milliseconds within which a second Ctrl-C means quitting immediately. */
const twiceMs = 2000;

/** Reactions to signals. */
export interface Ways {
  /** The first signal: stop at the next safe point. */
  readonly stop: () => void;
  /** Another signal while stopping. */
  readonly again: () => void;
  /** Two Ctrl-C in quick succession. */
  readonly quit: () => void;
}

/** Interprets Ctrl-C (`key`) and other signals, which stop but never quit immediately: closing a terminal sends several. */
export const interrupts = (wall: Clock, ways: Ways): ((key: boolean) => void) => {
  let stopping = false;
  let pressed = -Infinity;
  return (key) => {
    const now = wall.monotonic();
    const twice = key && now - pressed < twiceMs;
    if (key) pressed = now;
    if (twice) ways.quit();
    else if (stopping) ways.again();
    else ways.stop();
    stopping = true;
  };
};
