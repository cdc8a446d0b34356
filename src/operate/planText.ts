import { english } from '../lib/message.ts';
import type { PlannedStep } from '../engine/plan.ts';
import type { Reads, Writes } from '../steps/world.ts';
import type { Prepared } from '../verbs/prepared.ts';
import type { CloudPlan } from './operator.ts';

type Row = PlannedStep<Reads, Writes>;

const signs = { create: '+', update: '~', delete: '-', wait: '…', hold: ' ', nothing: '=', refuse: '!' } as const;

/** Cluster milliseconds as minutes and seconds. */
export const duration = (ms: number): string => {
  const s = Math.round(ms / 1000);
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
};

/** The plan for people: its cloud first, then what changes, with what it risks and the gcloud line that would do the same. */
export const planText = (plan: CloudPlan, p: Prepared, title: string, cloud: string): string => {
  const { warnings = [] } = p;
  const count = (effect: string): number => plan.changes.filter((p) => p.decision.do === effect).length;
  const billed = plan.changes.filter((p) => p.step.risk === 'billing' && p.decision.do === 'create').length;
  const head = [`${title} on ${cloud}`, ''];
  const warned = warnings.map((w) => `  Warning: ${w}`);
  if (plan.refusals.length > 0)
    return [...head, ...plan.refusals.flatMap((r) => [`  ! ${r.message}`, `    ${r.remedy ?? ''}`])].join('\n');
  if (plan.changes.length === 0) return [...head, '  Nothing to do: everything is as asked.'].join('\n');
  const foot = [
    '',
    `  ${count('create')} to create, ${count('update')} to change, ${count('delete')} to delete${billed === 0 ? '' : `; ${billed} of them billed while they exist`}.`,
    `  Expected: about ${duration(plan.expectedMs)}. ${wayBack(p, count('delete') > 0)}`,
  ];
  return [...head, ...plan.changes.flatMap(rowText), ...foot, ...warned].join('\n');
};

const wayBack = ({ adds }: Prepared, deletes: boolean): string => {
  if (deletes) return 'What is deleted is gone: it can be cancelled and resumed, not undone.';
  return adds ? 'It can be cancelled, resumed and undone.' : 'It can be cancelled and resumed.';
};

/** One line of a plan: its sign, title, detail and risk. */
export const rowLine = ({ step, decision }: Row): string => {
  const risk = step.risk === undefined ? '' : ` [${step.risk}]`;
  const detail = 'detail' in decision && decision.detail ? `: ${decision.detail}` : '';
  return `${signs[decision.do]} ${english(step.title)}${detail}${risk}`;
};

const rowText = (row: Row): string[] => {
  const { decision } = row;
  if (decision.do === 'nothing' || decision.do === 'refuse') return [];
  const line = `  ${rowLine(row)}`;
  return decision.gcloud === undefined ? [line] : [line, `      ${decision.gcloud}`];
};

/** The plan for programs. */
export const planJson = (plan: CloudPlan, { verb, adds, warnings = [] }: Prepared, cloud: string) => ({
  verb,
  cloud,
  undoable: adds,
  ...(warnings.length === 0 ? {} : { warnings }),
  expectedSeconds: Math.round(plan.expectedMs / 1000),
  changes: plan.changes.map(({ step, decision }) => ({
    step: step.id,
    title: english(step.title),
    do: decision.do,
    ...(step.risk === undefined ? {} : { risk: step.risk }),
    ...('detail' in decision && decision.detail !== undefined ? { detail: decision.detail } : {}),
    ...('gcloud' in decision && decision.gcloud !== undefined ? { gcloud: decision.gcloud } : {}),
  })),
  refusals: plan.refusals.map((r) => ({ code: r.code, message: r.message, remedy: r.remedy })),
});
