import fc from 'fast-check';
import type { Cleanup } from '../engineWorld.ts';
import { end } from './ending.ts';
import { anyStory } from './anyStory.ts';
import type { Event } from './events.ts';
import { Broken } from './observer.ts';
import type { buildStage } from './stage.ts';
import { failed, Story } from './story.ts';

type Stored = Awaited<ReturnType<typeof buildStage>>;

/** Figures of a story. */
export interface Figures {
  /** Events by kind. */
  readonly events: Readonly<Record<string, number>>;
  readonly mutations: number;
  /** The story as prose. */
  readonly told: readonly string[];
}

/** Plays a story to its end; fails with the violated check and the story as prose. */
const playStory = async (stored: Stored, events: readonly Event[], seed: string): Promise<Figures> => {
  const ends: (() => unknown)[] = [];
  const t: Cleanup = { after: (end) => void ends.push(end) };
  const story = await Story.open(t, stored, seed);
  try {
    for (const event of events) await story.play(event);
    await end(story);
    return { events: story.counts, mutations: story.observer.mutations, told: story.told };
  } catch (error) {
    throw failed(story, error);
  } finally {
    await story.close();
    for (const each of ends.reverse()) await each();
  }
};

/** Reports a failing story unshrunk: in a long run, shrinking many of them would take hours. */
const asItIs = process.argv.includes('--as-it-is');

/** Maximum time for shrinking a failing story (wall milliseconds). */
const shrinkMs = 10 * 60_000;

/**
 * Plays the story of a seed. A failing one is shrunk to the shortest that violates the
 * same check, and reported in the error; `shrinks` = false reports it as it is.
 */
export const playSeed = async (stored: Stored, seed: number, shrinks = true): Promise<Figures> => {
  const last: { figures?: Figures; broken?: string } = {};
  const property = fc.asyncProperty(fc.noBias(anyStory), async (events) => {
    try {
      last.figures = await playStory(stored, events, `story-${seed}`);
    } catch (error) {
      const check = error instanceof Broken ? error.check : '?';
      last.broken ??= check;
      if (check === last.broken) throw error;
    }
  });
  const options = { seed, numRuns: 1, endOnFailure: !shrinks || asItIs, interruptAfterTimeLimit: shrinkMs };
  const { failed: broke, errorInstance, numShrinks } = await fc.check(property, options);
  if (!broke && last.figures !== undefined) return last.figures;
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  throw new Error(`Story ${seed}, ${numShrinks} times shorter, check (${last.broken ?? ''}): ${error.message}`, {
    cause: error,
  });
};
