import type { Listen } from '../engine/events.ts';
import type { Journal, PlanRecord } from '../engine/journalRecords.ts';
import { appendRunLog } from '../engine/runLog.ts';
import { randomText } from '../lib/ids.ts';
import { asOperatorError } from '../lib/operatorError.ts';
import { names } from '../model/names.ts';
import type { Leased } from '../steps/lease.ts';
import type { Writes } from '../steps/world.ts';
import type { Prepared } from '../verbs/prepared.ts';
import { Fence } from './fence.ts';
import { gate } from './gate.ts';
import { callNow, type CloudPlan, type Operator } from './operator.ts';
import { RunLines } from './runLines.ts';

/** A run under way: what it is for, what it writes, and what ends it. */
export interface Underway {
  readonly run: string;
  readonly root: Leased;
  readonly journal: Journal;
  readonly fence: Fence;
  /** The world behind the gate. */
  readonly world: Writes;
  /** Aborted, with the reason, when a lease or the disk is lost. */
  readonly lost: AbortController;
  /** A person's cancel, or `lost`. */
  readonly cancel: AbortSignal;
  readonly listen: Listen;
  /** A line of the run's log. */
  readonly log: (text: string) => void;
}

/** How it begins. */
export interface Beginning {
  readonly run: string;
  readonly isResumed: boolean;
  readonly listen: Listen;
  readonly cancel: AbortSignal;
}

/** Begins or resumes a run: its journal's record is written before anything else. */
export const begin = (operator: Operator, prepared: Prepared, plan: CloudPlan, beginning: Beginning): Underway => {
  const journal = beginning.isResumed
    ? resumed(operator, beginning.run)
    : created(operator, prepared, plan, beginning.run);
  const root = { region: prepared.region, names: names(prepared.cluster) };
  const lost = new AbortController();
  const fence = new Fence({
    ...{ world: operator.world, root, identity: prepared.identity, verb: prepared.verb, wall: operator.wall },
    call: () => callNow(operator),
    lost: (error) => lost.abort(error),
  });
  const log = (text: string): void => ending(lost, () => appendRunLog(operator.folder, beginning.run, text));
  log(
    `${new Date(operator.wall.now()).toISOString()} ${prepared.verb} ${prepared.cluster} on ${operator.world.cloud.label}`,
  );
  const lines = new RunLines(plan, (line) => log(line.text));
  return {
    ...{ run: beginning.run, root, journal, fence, lost, log },
    world: gate(operator.world, { identity: prepared.identity, cluster: prepared.cluster, fence }),
    cancel: AbortSignal.any([beginning.cancel, lost.signal]),
    listen: (event) => {
      lines.listen(event);
      beginning.listen(event);
    },
  };
};

/** Does what may fail for the disk's sake. A full disk ends the run at the next safe point: it could not be resumed beyond it. */
export const ending = (lost: AbortController, work: () => void): void => {
  try {
    work();
  } catch (e) {
    lost.abort(asOperatorError(e));
  }
};

/** Sorts by time, and tells two runs of one second apart. */
export const newRunId = (operator: Operator): string =>
  `${new Date(operator.wall.now()).toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()}-${randomText(operator.ids, 4)}`;

/** What a journal keeps of a plan. */
export const journalSteps = (plan: CloudPlan): Pick<PlanRecord, 'expectedMs' | 'steps'> => ({
  expectedMs: plan.expectedMs,
  steps: plan.changes.map(({ step }) => ({ id: step.id, title: step.title, expectedMs: step.expectedMs })),
});

const resumed = (operator: Operator, run: string): Journal => {
  const journal = operator.journals.open(run);
  journal.append({ type: 'resumed', at: operator.wall.now(), pid: process.pid });
  return journal;
};

const created = (operator: Operator, prepared: Prepared, plan: CloudPlan, run: string): Journal =>
  operator.journals.create({
    run,
    ...{ verb: prepared.verb, label: prepared.label, adds: prepared.adds },
    ...(prepared.typed === undefined ? {} : { typed: prepared.typed }),
    cluster: prepared.cluster,
    ...prepared.identity,
    at: operator.wall.now(),
    input: prepared.input,
    ...(prepared.kubeUp === true ? { kubeUp: true } : {}),
    timeScale: operator.timeScale,
    ...journalSteps(plan),
  });
