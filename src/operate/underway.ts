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
export const begin = (o: Operator, p: Prepared, plan: CloudPlan, b: Beginning): Underway => {
  const journal = b.isResumed ? resumed(o, b.run) : created(o, p, plan, b.run);
  const root = { region: p.region, names: names(p.cluster) };
  const lost = new AbortController();
  const fence = new Fence({
    ...{ world: o.world, root, whom: p.whom, verb: p.verb, wall: o.wall },
    call: () => callNow(o),
    lost: (error) => lost.abort(error),
  });
  const log = (text: string): void => ending(lost, () => appendRunLog(o.folder, b.run, text));
  log(`${new Date(o.wall.now()).toISOString()} ${p.verb} ${p.cluster} on ${o.world.cloud.label}`);
  const lines = new RunLines(plan, (line) => log(line.text));
  return {
    ...{ run: b.run, root, journal, fence, lost, log },
    world: gate(o.world, { whom: p.whom, cluster: p.cluster, fence }),
    cancel: AbortSignal.any([b.cancel, lost.signal]),
    listen: (event) => {
      lines.listen(event);
      b.listen(event);
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
export const newRunId = (o: Operator): string =>
  `${new Date(o.wall.now()).toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()}-${randomText(o.ids, 4)}`;

/** What a journal keeps of a plan. */
export const stepsOf = (plan: CloudPlan): Pick<PlanRecord, 'expectedMs' | 'steps'> => ({
  expectedMs: plan.expectedMs,
  steps: plan.changes.map(({ step }) => ({ id: step.id, title: step.title, expectedMs: step.expectedMs })),
});

const resumed = (o: Operator, run: string): Journal => {
  const journal = o.journals.open(run);
  journal.append({ type: 'resumed', at: o.wall.now(), pid: process.pid });
  return journal;
};

const created = (o: Operator, p: Prepared, plan: CloudPlan, run: string): Journal =>
  o.journals.create({
    run,
    ...{ verb: p.verb, label: p.label, adds: p.adds },
    ...(p.typed === undefined ? {} : { typed: p.typed }),
    cluster: p.cluster,
    ...p.whom,
    at: o.wall.now(),
    input: p.input,
    ...(p.kubeUp === true ? { kubeUp: true } : {}),
    timeScale: o.timeScale,
    ...stepsOf(plan),
  });
