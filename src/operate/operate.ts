import { applyPlan, type Checkpoint, type RunResult } from '../engine/runner.ts';
import type { Journal, Journals } from '../engine/journal.ts';
import { heartbeatMs, takeLease } from '../engine/lease.ts';
import { makePlan, type Plan } from '../engine/plan.ts';
import type { Listen } from '../engine/events.ts';
import { appendRunLog } from '../engine/runLog.ts';
import type { Clock } from '../lib/clock.ts';
import { randomText, uuid4, type Ids } from '../lib/ids.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { names } from '../model/names.ts';
import { leaseName } from '../model/whom.ts';
import { leaseSeconds, releaseLease, type Held, type Leased } from '../steps/lease.ts';
import { takeBack } from '../steps/takeBack.ts';
import type { Reads, Writes } from '../steps/world.ts';
import { Fence } from './fence.ts';
import { gate, scoped } from './gate.ts';
import { differenceText, doesMore, isNone, planDifference, type PlanDifference } from './planDifference.ts';
import { RunLines } from './runLines.ts';
import type { Prepared } from '../verbs/prepared.ts';
import { probedWords, type Probed } from '../model/probed.ts';
import { Prober } from './prober.ts';
import { prepareAgain } from '../verbs/registry.ts';
import { checkWhom, closeRuns } from '../verbs/whom.ts';
import { leaseStep } from '../steps/stepIds.ts';

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
export const planVerb = (o: Operator, p: Prepared, signal: AbortSignal): Promise<CloudPlan> =>
  makePlan<Reads, Writes>(p.steps, scoped(o.world, p.whom, p.cluster), o.clock, signal);

/** How to apply: as a new run, or as the continuation of an interrupted one. */
export interface ApplyOptions {
  readonly listen: Listen;
  readonly cancel: AbortSignal;
  readonly takeOver: boolean;
  /** Run to go on with: its journal and its request ids. */
  readonly resume?: string;
  /** Whether the endpoint is asked meanwhile, for verbs during which it must answer. */
  readonly probe?: boolean;
  /**
   * Asked under the lease, when somebody has worked on the cluster since the plan and another one would be carried out now. Where
   * nobody asks, a plan that does no more than the one that was shown is carried out.
   */
  readonly differs?: (d: PlanDifference) => Promise<boolean>;
}

/** How a run ended, and what the endpoint did meanwhile. */
export interface Applied extends RunResult {
  readonly run: string;
  readonly probed?: Probed;
}

/**
 * Applies a plan to the cluster that it was made for, under both leases: the local one (other processes of this computer) from
 * before the first record, the remote one (other computers) by the plan's own lease step, kept alive and asked before each change.
 */
export const applyVerb = async (o: Operator, p: Prepared, plan: CloudPlan, a: ApplyOptions): Promise<Applied> => {
  const run = a.resume ?? newRunId(o);
  const me = { verb: p.verb, run, since: o.wall.now() };
  const lease = takeLease(o.folder, leaseName(p.cluster, p.whom), me, o.wall, a.takeOver);
  try {
    await checkWhom(o.world, p);
    return await applyHeld(o, p, plan, { ...a, run, beat: () => lease.beat() });
  } finally {
    lease.release();
  }
};

/** What applying needs once the local lease is held. */
interface HeldOptions extends ApplyOptions {
  readonly run: string;
  /** Heartbeat of the local lease. */
  readonly beat: () => void;
}

const applyHeld = async (o: Operator, p: Prepared, plan: CloudPlan, a: HeldOptions): Promise<Applied> => {
  const { run } = a;
  const journal = openFor(o, p, plan, run, a.resume !== undefined);
  const root = { region: p.region, names: names(p.cluster) };
  const [lost, stop] = [new AbortController(), new AbortController()];
  const fence = new Fence({
    ...{ world: o.world, root, whom: p.whom, verb: p.verb, wall: o.wall, call: () => callNow(o) },
    lost: (error) => lost.abort(error),
  });
  const cancel = AbortSignal.any([a.cancel, lost.signal]);
  // A disk that takes nothing more ends the run at the next safe point: there is nothing to go on by any more.
  const say = (text: string): void => ending(lost, () => appendRunLog(o.folder, run, text));
  const log = logOf(o, p, plan, say);
  const listen: Listen = (event) => {
    log(event);
    a.listen(event);
  };
  const beats = Promise.all([
    keepAlive(o.wall, heartbeatMs, stop.signal, lost, a.beat),
    keepAlive(o.wall, leaseSeconds.beat * 1000, stop.signal, lost, () => fence.beat()),
  ]);
  try {
    const world = gate(o.world, { whom: p.whom, cluster: p.cluster, fence });
    const prober = a.probe === true && p.probed ? await startProber(o, p) : undefined;
    const { clock, wall, ids } = o;
    let probed: Probed | undefined;
    const result = await applyPlan<Reads, Writes>(plan, {
      ...{ run, journal, listen, cancel, world, clock, wall, ids },
      reattach: (operation, signal) => world.cloud.compute.waitAgain(operation, signal),
      checkpoint: checkpointOf(o, p, plan, { ...a, cancel }, journal),
      insist: a.resume !== undefined,
    }).finally(async () => {
      probed = await prober?.stop(); // whatever happens: it would ask for ever
    });
    ending(lost, () => note(journal, probed, say));
    stop.abort();
    await beats;
    if (fence.isHeld && !fence.isLeaving) {
      await leaveNothing(world, p, say);
      await giveBack(o, root, result.error !== undefined);
    }
    if (result.error === undefined) settle(o, p, fence);
    return { ...result, run, ...(probed === undefined ? {} : { probed }) };
  } finally {
    stop.abort();
  }
};

// Under the lease it is known whether anybody else held it since the plan: its generation has moved then, whoever gave it back.
const checkpointOf = (
  o: Operator,
  p: Prepared,
  plan: CloudPlan,
  a: HeldOptions,
  journal: Journal,
): Checkpoint<Reads, Writes> | undefined => {
  const lease = plan.steps.find((s) => s.step.id === leaseStep(names(p.cluster)));
  if (lease === undefined) return undefined;
  const planned = lease.seen?.state === 'present' ? (lease.seen.facts as Held).generation : 0;
  return {
    step: lease.step.id,
    replan: (found) => (found === planned ? Promise.resolve(undefined) : replan(o, p, plan, a, journal)),
  };
};

const replan = async (
  o: Operator,
  p: Prepared,
  shown: CloudPlan,
  a: HeldOptions,
  journal: Journal,
): Promise<CloudPlan | undefined> => {
  const again = await preparedAnew(o, p, a);
  if (again === undefined) return undefined; // its cluster is gone: each step finds that for itself
  const now = await planVerb(o, again, a.cancel);
  const [refusal] = now.refusals;
  if (refusal !== undefined) throw refusal;
  const difference = planDifference(
    { plan: shown, warnings: p.warnings ?? [] },
    { plan: now, warnings: again.warnings ?? [] },
  );
  const goesOn = isNone(difference) || (await (a.differs?.(difference) ?? !doesMore(difference)));
  if (!goesOn) throw overtaken(`now it would be\n${differenceText(difference)}`);
  journal.append({ type: 'replanned', input: again.input, ...stepsOf(now) });
  return now;
};

const preparedAnew = (o: Operator, p: Prepared, a: HeldOptions): Promise<Prepared | undefined> => {
  const world = { ...o.world, only: { uid: p.whom.uid } };
  const options = { ids: o.ids, takeOver: a.takeOver };
  return p.again?.(world) ?? prepareAgain(world, o.journals.read(a.run).plan, options, o.journals.list());
};

const overtaken = (how: string): OperatorError =>
  new OperatorError('refused', `Somebody has worked on the cluster since this was planned: ${how}`, {
    remedy: 'Nothing was changed. Plan it again.',
  });

// A cluster that is gone leaves no run of its own to go on with.
const settle = (o: Operator, p: Prepared, fence: Fence): void => {
  if (p.undoes !== undefined) o.journals.open(p.undoes).append({ type: 'ended', state: 'undone', at: o.wall.now() });
  if (!fence.isLeaving) return;
  const { cloud, project, uid } = p.whom;
  closeRuns(o.journals, o.wall, (r) => r.cloud === cloud && r.project === project && r.uid === uid);
};

// An API that does not answer before the run begins has nothing to lose by it.
const startProber = async (o: Operator, p: Prepared): Promise<Prober | undefined> => {
  const kubernetes = await scoped(o.world, p.whom, p.cluster).kubernetes(names(p.cluster).secrets.admin);
  const answers = await kubernetes?.readyz();
  if (kubernetes === undefined || answers?.ok !== true) return undefined;
  return new Prober({ kubernetes, wall: o.wall, timeScale: o.timeScale });
};

const note = (journal: Journal, probed: Probed | undefined, log: (text: string) => void): void => {
  if (probed === undefined) return;
  const text = probedWords(probed);
  journal.append({ type: 'probed', text });
  log(`[=] API meanwhile: ${text}`);
};

// What this run and dead ones have left in Kubernetes; where it cannot be asked, the next run does it.
const leaveNothing = async (world: Writes, p: Prepared, log: (text: string) => void): Promise<void> => {
  try {
    const kubernetes = await world.kubernetes(names(p.cluster).secrets.admin);
    if (kubernetes !== undefined) await takeBack(kubernetes);
  } catch (e) {
    log(
      `[!] Not everything could be taken back in Kubernetes, the next run tries again: ${asOperatorError(e).message}`,
    );
  }
};

// Where the run has failed, its own error is what a person must read; the lease then lapses by itself, and this state folder
// takes it over at once.
const giveBack = async (o: Operator, root: Leased, failed: boolean): Promise<void> => {
  try {
    await releaseLease(o.world, root, callNow(o));
  } catch (e) {
    if (failed) return;
    const { code, message } = asOperatorError(e);
    throw new OperatorError(code, `Everything is done, but the lease could not be given back: ${message}`, {
      cause: e,
      remedy: `Other computers have to wait until it lapses, ${leaseSeconds.lapsed} s.`,
    });
  }
};

/** Sorts by time, and tells two runs of one second apart. */
const newRunId = (o: Operator): string =>
  `${new Date(o.wall.now()).toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()}-${randomText(o.ids, 4)}`;

const ending = (lost: AbortController, work: () => void): void => {
  try {
    work();
  } catch (e) {
    lost.abort(asOperatorError(e));
  }
};

const logOf = (o: Operator, p: Prepared, plan: CloudPlan, write: (text: string) => void): Listen => {
  write(`${new Date(o.wall.now()).toISOString()} ${p.verb} ${p.cluster} on ${o.world.cloud.label}`);
  return new RunLines(plan, (line) => write(line.text)).listen;
};

const openFor = (o: Operator, p: Prepared, plan: CloudPlan, run: string, resume: boolean): Journal => {
  if (!resume) {
    return o.journals.create({
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
  }
  const journal = o.journals.open(run);
  journal.append({ type: 'resumed', at: o.wall.now(), pid: process.pid });
  return journal;
};

const stepsOf = (plan: CloudPlan) => ({
  expectedMs: plan.expectedMs,
  steps: plan.changes.map(({ step }) => ({ id: step.id, title: step.title, expectedMs: step.expectedMs })),
});

// A lost lease ends the run at the next safe point, as a person's cancel would, with the reason. A beat that merely fails is
// tried again at the next one.
const keepAlive = async (
  clock: Clock,
  ms: number,
  stop: AbortSignal,
  lost: AbortController,
  beat: () => Promise<void> | void,
): Promise<void> => {
  for (;;) {
    await clock.sleep(ms, stop).catch(() => undefined); // ended by stop
    if (stop.aborted) return;
    try {
      await beat();
    } catch (e) {
      const error = asOperatorError(e);
      if (error.code === 'leased' || error.retry === 'never') lost.abort(error);
    }
  }
};

const callNow = (o: Operator) => ({ requestId: uuid4(o.ids) });
