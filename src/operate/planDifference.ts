import type { PlannedStep } from '../engine/plan.ts';
import type { Reads, Writes } from '../steps/world.ts';
import type { CloudPlan } from './operator.ts';
import { rowLine } from './planText.ts';

/** How another plan of the same verb differs, each as a plan line. */
export interface PlanDifference {
  readonly added: readonly string[];
  readonly gone: readonly string[];
  /** The same step with another change: as shown, and as it is now. */
  readonly changed: readonly { readonly was: string; readonly now: string }[];
  /** Warnings that the shown plan did not have. */
  readonly warnings: readonly string[];
}

/** A plan and its warnings. */
export interface Warned {
  readonly plan: CloudPlan;
  readonly warnings: readonly string[];
}

type Row = PlannedStep<Reads, Writes>;

// Progress of a wait does not count as a difference.
const isSame = (left: Row, right: Row): boolean =>
  left.decision.do === right.decision.do && (left.decision.do === 'wait' || rowLine(left) === rowLine(right));

/** Compares the shown plan with the current one. */
export const planDifference = (before: Warned, after: Warned): PlanDifference => {
  const [shown, now] = [before.plan, after.plan];
  const [was, is] = [shown, now].map((p) => new Map(p.changes.map((row) => [row.step.id, row])));
  const missing = (from: CloudPlan, in_: ReadonlyMap<string, Row> | undefined): string[] =>
    from.changes.filter((row) => in_?.has(row.step.id) !== true).map(rowLine);
  return {
    added: missing(now, was),
    gone: missing(shown, is),
    changed: now.changes.flatMap((row) => {
      const old = was?.get(row.step.id);
      return old === undefined || isSame(old, row) ? [] : [{ was: rowLine(old), now: rowLine(row) }];
    }),
    warnings: after.warnings.filter((text) => !before.warnings.includes(text)),
  };
};

/** Whether the current plan has changes or warnings that were not shown. */
export const doesMore = (d: PlanDifference): boolean => d.added.length + d.changed.length + d.warnings.length > 0;

/** Whether both plans are the same. */
export const isNone = (d: PlanDifference): boolean => !doesMore(d) && d.gone.length === 0;

/** The difference for display. */
export const differenceText = (difference: PlanDifference): string =>
  [
    ...difference.added.map((line) => `  new:     ${line}`),
    ...difference.changed.map(({ was, now }) => `  changed: ${now} (was: ${was})`),
    ...difference.gone.map((line) => `  removed: ${line}`),
    ...difference.warnings.map((text) => `  Warning: ${text}`),
  ].join('\n');
