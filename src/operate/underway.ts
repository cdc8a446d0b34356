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

/** A run in progress: its target, its outputs, and its abort signals. */
export interface Underway {
  readonly run: string;
  readonly root: Leased;
  readonly journal: Journal;
  readonly fence: Fence;
  /** The world behind the gate. */
  readonly world: Writes;
  /** Aborted with the reason when a lease is lost or the disk fails. */
  readonly lost: AbortController;
  /** Aborts on a user's cancel, or with `lost`. */
  readonly cancel: AbortSignal;
  readonly listen: Listen;
  /** Writes a line to the run's log. */
  readonly log: (text: string) => void;
}

/** How a run begins. */
export interface Beginning {
  readonly run: string;
  readonly isResumed: boolean;
  readonly listen: Listen;
  readonly cancel: AbortSignal;
}

/** Begins or resumes a run: its journal record is written before anything else. */
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

/**
 * Runs disk writes that may fail. A full disk ends the run at the next safe point: without a journal, it could not be
 * resumed.
 */
export const ending = (lost: AbortController, work: () => void): void => {
  try {
    work();
  } catch (e) {
    lost.abort(asOperatorError(e));
  }
};

/** Sortable by time; the suffix distinguishes runs within one second. */
export const newRunId = (operator: Operator): string =>
  `${new Date(operator.wall.now()).toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()}-${randomText(operator.ids, 4)}`;

/** The part of a plan that the journal records. */
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
