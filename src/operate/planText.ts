import { english } from '../lib/message.ts';
import type { PlannedStep } from '../engine/plan.ts';
import type { Reads, Writes } from '../steps/world.ts';
import type { Prepared } from '../verbs/prepared.ts';
import type { CloudPlan } from './operator.ts';

/** One step of a plan. */
export type Row = PlannedStep<Reads, Writes>;

/** The sign for each kind of decision. */
export const signs = {
  create: '+',
  update: '~',
  delete: '-',
  wait: '…',
  hold: ' ',
  nothing: '=',
  refuse: '!',
} as const;

/** Cluster milliseconds as minutes and seconds. */
export const duration = (ms: number): string => {
  const s = Math.round(ms / 1000);
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
};

/** A change in words: title, detail, and risk. */
export const rowWords = ({ step, decision }: Row): string => {
  const risk = step.risk === undefined ? '' : ` [${step.risk}]`;
  const detail = 'detail' in decision && decision.detail ? `: ${decision.detail}` : '';
  return `${english(step.title)}${detail}${risk}`;
};

/** A plan line: sign and words. */
export const rowLine = (row: Row): string => `${signs[row.decision.do]} ${rowWords(row)}`;

/** The plan as JSON. */
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
