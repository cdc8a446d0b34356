import { cpus } from 'node:os';
import { article } from './article.ts';
import { bundles } from './bundles.ts';
import { editor } from './editor.ts';
import { firstCluster } from './firstCluster.ts';
import { observationOf500 } from './observation.ts';
import { statusOf500 } from './status.ts';

/** One figure: name, value, and the goal if any. */
export type Row = readonly [what: string, value: string, goal: string];

const print = (title: string, rows: readonly Row[]): void => {
  console.log(`\n${title}`);
  for (const [what, value, goal] of rows) console.log(`  ${what.padEnd(52)} ${value.padStart(22)}   ${goal}`);
};

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}; medians, side by side in one run`);
print('Bundles (shipped against the library as it comes)', await bundles());
print('In the editor', editor());
print('First cluster on virtual time', await firstCluster());
print(
  'The article side by side with kube-up on virtual time, medians of 5 seeds (in brackets with the programs’ own time)',
  await article(),
);
print('Status of 500 nodes', await statusOf500());
print('The editor’s refresh of 500 nodes (the cloud in another thread)', await observationOf500());
