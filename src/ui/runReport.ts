import { english } from '../lib/message.ts';
import { duration } from '../operate/planText.ts';
import type { RunRow, StepRow } from './runRow.ts';

/** A run as Markdown, in English like the logs: its steps, their durations, its errors. */
export const runReport = (run: RunRow): string =>
  [
    `# ${run.verb} ${run.cluster} (${run.project}): ${run.state}`,
    '',
    `Run ${run.run}, started ${new Date(run.at).toISOString()}, took ${duration(run.ms)} of about ${duration(run.expectedMs)}.`,
    '',
    '| step | title | state | took | usual |',
    '|---|---|---|---|---|',
    ...run.steps.map(row),
    ...run.steps.flatMap(problem),
    ...(run.probed === undefined ? [] : ['', `API during the run: ${run.probed}.`]),
    '',
  ].join('\n');

const row = (step: StepRow): string =>
  `| ${step.id} | ${english(step.title)} | ${step.state} | ${step.ms === undefined ? '' : duration(step.ms)} | ${duration(step.expectedMs)} |`;

const problem = (step: StepRow): string[] =>
  step.problem === undefined
    ? []
    : [
        '',
        `**${step.id}** (${step.problem.code}): ${step.problem.message}`,
        ...(step.problem.remedy ? [step.problem.remedy] : []),
      ];
