import type { Journals } from '../engine/journalRecords.ts';
import { makePlan, type Plan } from '../engine/plan.ts';
import type { Call } from '../gce/cloud.ts';
import type { Clock } from '../lib/clock.ts';
import { uuid4, type Ids } from '../lib/ids.ts';
import type { Reads, Writes } from '../steps/world.ts';
import type { Prepared } from '../verbs/prepared.ts';
import { scoped } from './gate.ts';

/** What carries a verb out: the world, both clocks, and where journals and leases live. */
export interface Operator {
  readonly world: Writes;
  /** Cluster time. */
  readonly clock: Clock;
  readonly wall: Clock;
  readonly ids: Ids;
  readonly journals: Journals;
  /** State folder of the local leases and the run logs. */
  readonly folder: string;
  /** Wall time per cluster time. */
  readonly timeScale: number;
}

/** A plan of Trizone's steps. */
export type CloudPlan = Plan<Reads, Writes>;

/** Plans a prepared verb; reads only. */
export const planVerb = (operator: Operator, prepared: Prepared, signal: AbortSignal): Promise<CloudPlan> =>
  makePlan<Reads, Writes>(
    prepared.steps,
    scoped(operator.world, prepared.identity, prepared.cluster),
    operator.clock,
    signal,
  );

/** Whether there is nothing to apply. With no changes left, a run that is resumed or undone still has to end. */
export const hasNothingToDo = (plan: CloudPlan, prepared: Prepared, resume: string | undefined): boolean =>
  plan.changes.length === 0 && resume === undefined && prepared.undoes === undefined;

/** A call that belongs to no step, with an id of its own. */
export const callNow = (o: Operator): Call => ({ requestId: uuid4(o.ids) });
