import type { Row } from './badInput.ts';

/** Names of runs, and what is left of their journals. */
export const runs: Row[] = [
  ['unknown run', 'resume nope', 2, /Run not found: nope/],
  ['unknown run to undo', 'undo nope', 2, /Run not found: nope/],
  ['run by a path', 'resume ../holder', 2, /Run not found: \.\.\/holder/],
  [
    'run of another project',
    'resume elsewhere',
    3,
    /Run elsewhere is for cluster kubernetes .* in project other-project/,
  ],
  [
    'run that says not whom it is for',
    'resume early --yes',
    3,
    /This run was written by an earlier Trizone version, which did not record its cluster: early/,
  ],
  [
    'the same, to be undone',
    'undo early --yes',
    3,
    /This run was written by an earlier Trizone version, which did not record its cluster: early/,
  ],
  ['unknown run to forget', 'runs --forget nope', 2, /Run not found: nope/],
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
    /\(journal\): The run's journal is damaged from the first line: .*damaged\.jsonl/,
  ],
  [
    'run that does not say what was asked',
    'resume strange --yes',
    1,
    /\(journal\): The run's journal does not contain its request: strange/,
  ],
];
