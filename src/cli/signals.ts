import type { Clock } from '../lib/clock.ts';

/** Wall milliseconds within which a second Ctrl-C means: at once. */
const twiceMs = 2000;

/** What a signal leads to. */
export interface Ways {
  /** The first one: at the next safe point. */
  readonly stop: () => void;
  /** Another one while it is stopping. */
  readonly again: () => void;
  /** Two in quick succession. */
  readonly quit: () => void;
}

/** Tells what a Ctrl-C means (`key`), or a signal that says the same but never means "at once": a closed terminal sends several. */
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
