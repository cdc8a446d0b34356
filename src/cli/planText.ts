import type { OperatorError } from '../lib/operatorError.ts';
import type { CloudPlan } from '../operate/operator.ts';
import { groupOf, planGroups } from '../operate/planGroups.ts';
import { duration, rowWords, signs, type Row } from '../operate/planText.ts';
import type { Prepared } from '../verbs/prepared.ts';
import { padded, widest } from './cells.ts';
import { remedyLines } from './failure.ts';
import { bold, dim, green, red, yellow } from './paint.ts';

/** A verb's plan, and how to print it. */
export interface PlanToPrint {
  readonly plan: CloudPlan;
  readonly prepared: Pick<Prepared, 'adds' | 'warnings'>;
  readonly title: string;
  readonly cloud: string;
  /** Print every step with its gcloud command. */
  readonly details: boolean;
}

type Effect = Row['decision']['do'];

const paints: Readonly<Partial<Record<Effect, (text: string) => string>>> = {
  create: green,
  update: yellow,
  delete: red,
};

const painted = (effect: Effect, text: string): string => (paints[effect] ?? dim)(text);

/** More deletions than this are only counted: a whole cluster is being torn down. */
const fewDeletions = 8;

/** The plan for display: the cloud first, then changes by group, what is at risk, and the expected duration. */
export const planText = (toPrint: PlanToPrint): string => {
  const { plan, prepared, title, cloud } = toPrint;
  const head = [`${bold(title)} on ${cloud}`, ''];
  if (plan.refusals.length > 0) return [...head, ...plan.refusals.flatMap(refusal)].join('\n');
  if (plan.changes.length === 0) return [...head, '  No changes needed.'].join('\n');
  const warned = (prepared.warnings ?? []).map((w) => `  ${yellow('Warning:')} ${w}`);
  const shown = toPrint.details ? everything(plan) : summary(plan);
  const more = toPrint.details ? [] : [dim('  To see every step with the equivalent gcloud command: --details')];
  return [...head, ...shown, '', ...foot(plan, prepared), ...warned, ...more].join('\n');
};

// In display order.
const effects = ['create', 'update', 'delete', 'wait'] as const;

const refusal = (error: OperatorError): string[] => [
  `  ${red('!')} ${error.message}`,
  ...remedyLines(error.remedies).map((text) => `    ${text}`),
];

const counted = (rows: readonly Row[], effect: Effect): number =>
  rows.filter((row) => row.decision.do === effect).length;

const foot = ({ changes, expectedMs }: CloudPlan, { adds }: PlanToPrint['prepared']): string[] => {
  const [creates = 0, updates = 0, deletes = 0] = effects.map((effect) => counted(changes, effect));
  const billed = changes.filter((row) => row.step.risk === 'billing' && row.decision.do === 'create').length;
  return [
    `  ${creates} to create, ${updates} to change, ${deletes} to delete${billed === 0 ? '' : `; ${billed} of them billed while they exist`}.`,
    `  Estimated time: about ${duration(expectedMs)}. ${wayBack(adds, deletes > 0)}`,
  ];
};

const wayBack = (adds: boolean, deletes: boolean): string => {
  if (deletes) return 'Deleted resources cannot be restored. You can cancel and resume the run, but not undo it.';
  return adds ? 'You can cancel, resume, and undo the run.' : 'You can cancel and resume the run.';
};

/** Heading of steps without a group. */
const other = 'Other';

const grouped = ({ changes }: CloudPlan): (readonly [string, readonly Row[]])[] =>
  [...planGroups, other]
    .map((group) => [group, changes.filter((row) => (groupOf(row.step.id) ?? other) === group)] as const)
    .filter(([, rows]) => rows.length > 0);

const figure = (rows: readonly Row[], effect: Effect): string => {
  const count = counted(rows, effect);
  return count === 0 ? '' : `${signs[effect]}${count}`;
};

const cell = (effect: Effect, text: string): string => (text.trim() === '' ? text : painted(effect, text));

const summary = (plan: CloudPlan): string[] => {
  const groups = grouped(plan);
  const width = widest(groups.map(([group]) => group));
  const used = effects.filter((effect) => counted(plan.changes, effect) > 0);
  const widths = used.map((effect) => widest(groups.map(([, rows]) => figure(rows, effect))));
  const lines = groups.map(([group, rows]) => {
    const cells = used.map((effect, i) => cell(effect, padded(figure(rows, effect), widths[i] ?? 0, true)));
    return `  ${padded(group, width)}  ${cells.join('  ')}`.trimEnd();
  });
  const stakes = atStake(plan);
  return [...lines, ...(stakes.length === 0 ? [] : ['', ...stakes])];
};

// What costs money or is risky, and what is deleted unless that is a whole cluster.
const atStake = (plan: CloudPlan): string[] => {
  const names = counted(plan.changes, 'delete') <= fewDeletions;
  return plan.changes.filter((row) => row.step.risk !== undefined || (names && row.decision.do === 'delete')).map(line);
};

const line = (row: Row): string => `  ${painted(row.decision.do, signs[row.decision.do])} ${rowWords(row)}`;

// In execution order, for readers who want every detail.
const everything = ({ changes }: CloudPlan): string[] => changes.flatMap(detailed);

const detailed = (row: Row): string[] => {
  const { decision } = row;
  const gcloud = 'gcloud' in decision ? decision.gcloud : undefined;
  return [line(row), ...(gcloud === undefined ? [] : [dim(`      ${gcloud}`)])];
};
