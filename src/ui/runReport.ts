import { english } from '../lib/message.ts';
import { duration } from '../operate/planText.ts';
import type { RunRow, StepRow } from './runRow.ts';

/** A run as Markdown, in English as logs are: what it did, how long each step took, what went wrong. */
export const runReport = (r: RunRow): string =>
  [
    `# ${r.verb} ${r.cluster} (${r.project}): ${r.state}`,
    '',
    `Run ${r.run}, started ${new Date(r.at).toISOString()}, took ${duration(r.ms)} of about ${duration(r.expectedMs)}.`,
    '',
    '| step | title | state | took | usual |',
    '|---|---|---|---|---|',
    ...r.steps.map(row),
    ...r.steps.flatMap(problem),
    ...(r.probed === undefined ? [] : ['', `API during the run: ${r.probed}.`]),
    '',
  ].join('\n');

const row = (s: StepRow): string =>
  `| ${s.id} | ${english(s.title)} | ${s.state} | ${s.ms === undefined ? '' : duration(s.ms)} | ${duration(s.expectedMs)} |`;

const problem = (s: StepRow): string[] =>
  s.problem === undefined
    ? []
    : ['', `**${s.id}** (${s.problem.code}): ${s.problem.message}`, ...(s.problem.remedy ? [s.problem.remedy] : [])];
