import type { Journals } from '../engine/journalRecords.ts';
import { makePlan, type Plan } from '../engine/plan.ts';
import type { Call } from '../gce/cloud.ts';
import type { Clock } from '../lib/clock.ts';
import { uuid4, type Ids } from '../lib/ids.ts';
import type { Reads, Writes } from '../steps/world.ts';
import type { Prepared } from '../verbs/prepared.ts';
import { scoped } from './gate.ts';

/** What executes verbs: the world, both clocks, and where journals and leases are stored. */
export interface Operator {
  readonly world: Writes;
  /** Cluster time. */
  readonly clock: Clock;
  readonly wall: Clock;
  readonly ids: Ids;
  readonly journals: Journals;
  /** State folder of the local leases and the run logs. */
  readonly folder: string;
  /** Wall time per unit of cluster time. */
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

/** Whether there is nothing to apply. A resumed or undone run must still be ended, even without changes. */
export const hasNothingToDo = (plan: CloudPlan, prepared: Prepared, resume: string | undefined): boolean =>
  plan.changes.length === 0 && resume === undefined && prepared.undoes === undefined;

/** A call outside any step, with its own request ID. */
export const callNow = (o: Operator): Call => ({ requestId: uuid4(o.ids) });
