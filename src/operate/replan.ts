import type { Checkpoint } from '../engine/runOptions.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { names } from '../model/names.ts';
import type { Held } from '../steps/lease.ts';
import { leaseStep } from '../steps/stepIds.ts';
import type { Reads, Writes } from '../steps/world.ts';
import type { Prepared } from '../verbs/prepared.ts';
import { prepareAgain } from '../verbs/registry.ts';
import { planVerb, type CloudPlan, type Operator } from './operator.ts';
import { differenceText, doesMore, isNone, planDifference, type PlanDifference } from './planDifference.ts';
import { journalSteps, type Underway } from './underway.ts';

/** How to plan again. */
export interface Replanning {
  readonly takeOver: boolean;
  /**
   * Called under the lease if the cluster has changed since the plan and a different plan would now be applied; decides
   * whether to continue. Without it, a plan that does no more than the shown one is applied.
   */
  readonly differs?: (d: PlanDifference) => Promise<boolean>;
}

/**
 * Only under the lease is it certain whether another run held it since the plan: its generation has then advanced, even
 * if the lease was released. The verb is then prepared and planned again, and the difference is shown first.
 */
export const checkpointOf = (
  operator: Operator,
  prepared: Prepared,
  plan: CloudPlan,
  underway: Underway,
  options: Replanning,
): Checkpoint<Reads, Writes> | undefined => {
  const lease = plan.steps.find((s) => s.step.id === leaseStep(names(prepared.cluster)));
  if (lease === undefined) return undefined;
  const planned = lease.seen.known ? ((lease.seen.facts as Held | undefined)?.generation ?? 0) : 0;
  return {
    step: lease.step.id,
    replan: (found) =>
      found === planned ? Promise.resolve(undefined) : replan(operator, prepared, plan, underway, options),
  };
};

const replan = async (
  operator: Operator,
  prepared: Prepared,
  shown: CloudPlan,
  underway: Underway,
  options: Replanning,
): Promise<CloudPlan | undefined> => {
  const again = await preparedAgain(operator, prepared, underway.run, options.takeOver);
  if (again === undefined) return undefined; // its cluster is gone: each step finds that out by itself
  const now = await planVerb(operator, again, underway.cancel);
  const [refusal] = now.refusals;
  if (refusal !== undefined) throw refusal;
  const difference = planDifference(
    { plan: shown, warnings: prepared.warnings ?? [] },
    { plan: now, warnings: again.warnings ?? [] },
  );
  const goesOn = isNone(difference) || (await (options.differs?.(difference) ?? !doesMore(difference)));
  if (!goesOn) throw overtaken(`differences:\n${differenceText(difference)}`);
  underway.journal.append({ type: 'replanned', input: again.input, ...journalSteps(now) });
  return now;
};

const preparedAgain = (
  operator: Operator,
  prepared: Prepared,
  run: string,
  takeOver: boolean,
): Promise<Prepared | undefined> => {
  const world = { ...operator.world, only: { uid: prepared.identity.uid } };
  return (
    prepared.again?.(world) ??
    prepareAgain(world, operator.journals.read(run).plan, { ids: operator.ids, takeOver }, operator.journals.list())
  );
};

const overtaken = (how: string): OperatorError =>
  new OperatorError('refused', `The cluster has changed since this plan was made: ${how}`, {
    remedy: 'Nothing was changed. Make a new plan.',
  });
