import type { Row } from './badInput.ts';

/** Names of runs, and what is left of their journals. */
export const runs: Row[] = [
  ['unknown run', 'resume nope', 2, /No run of that name: nope/],
  ['unknown run to undo', 'undo nope', 2, /No run of that name: nope/],
  ['run by a path', 'resume ../holder', 2, /No run of that name: \.\.\/holder/],
  [
    'run of another project',
    'resume elsewhere',
    3,
    /The run elsewhere is for cluster kubernetes .* in project other-project/,
  ],
  [
    'run that says not whom it is for',
    'resume early --yes',
    3,
    /An earlier Trizone wrote this run and did not note .*: early/,
  ],
  ['the same, to be undone', 'undo early --yes', 3, /An earlier Trizone wrote this run and did not note .*: early/],
  ['unknown run to forget', 'runs --forget nope', 2, /No run of that name: nope/],
  ['run from a newer version', 'resume newer --yes', 1, /\(journal\): The run was written by a newer Trizone: newer/],
  [
    'run from a newer version to undo',
    'undo newer --yes',
    1,
    /\(journal\): The run was written by a newer Trizone: newer/,
  ],
  [
    'run with a damaged journal',
    'resume damaged --yes',
    1,
    /\(journal\): The run's journal is damaged from its first line on: .*damaged\.jsonl/,
  ],
  [
    'run that does not say what was asked',
    'resume strange --yes',
    1,
    /\(journal\): The run's journal does not say what was asked for: strange/,
  ],
];
