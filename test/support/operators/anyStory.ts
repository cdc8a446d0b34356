import fc from 'fast-check';
import { single, type Event } from './events.ts';
import { lateLook, motif } from './motifs.ts';

const nothing = fc.constant<readonly Event[]>([{ type: 'nothing' }]);

const events = fc
  .array(
    fc.oneof(
      { withCrossShrink: true },
      { weight: 1, arbitrary: nothing },
      { weight: 60, arbitrary: single },
      { weight: 12, arbitrary: motif },
    ),
    { minLength: 10, maxLength: 18, size: 'max' },
  )
  .map((parts) => parts.flat().slice(0, 30));

// Drawn after the other events, so that these stay what they were for each seed.
const last = fc.oneof({ withCrossShrink: true }, { weight: 3, arbitrary: nothing }, { weight: 1, arbitrary: lateLook });

/** 10 to 30 events, in a quarter of the stories followed by one motif. Each event shrinks to nothing. */
export const anyStory: fc.Arbitrary<readonly Event[]> = fc.tuple(events, last).map((parts) => parts.flat());
