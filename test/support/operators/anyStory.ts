import fc from 'fast-check';
import { single, type Event } from './events.ts';
import { motif } from './motifs.ts';

/** 10 to 30 events. Each shrinks to nothing, so that the shortest story that still fails remains. */
export const anyStory: fc.Arbitrary<readonly Event[]> = fc
  .array(
    fc.oneof(
      { withCrossShrink: true },
      { weight: 1, arbitrary: fc.constant<readonly Event[]>([{ type: 'nothing' }]) },
      { weight: 60, arbitrary: single },
      { weight: 12, arbitrary: motif },
    ),
    { minLength: 10, maxLength: 18, size: 'max' },
  )
  .map((parts) => parts.flat().slice(0, 30));
