import { applyPlan, type RunResult } from '../engine/runner.ts';
import type { Journal, Journals } from '../engine/journal.ts';
import { heartbeatMs, takeLease } from '../engine/lease.ts';
import { makePlan, type Plan } from '../engine/plan.ts';
import type { Listen } from '../engine/events.ts';
import { appendRunLog } from '../engine/runLog.ts';
import type { Clock } from '../lib/clock.ts';
import { randomText, uuid4, type Ids } from '../lib/ids.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { names, type Names } from '../model/names.ts';
import { isProbed } from '../model/verbs.ts';
import { beatLease, leaseSeconds, releaseLease, type Leased } from '../steps/lease.ts';
import type { Reads, Writes } from '../steps/world.ts';
import { RunLines } from './runLines.ts';
import type { Prepared } from './prepared.ts';
import { Prober, probedWords, type Probed } from './prober.ts';

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
  makePlan<Reads, Writes>(p.steps, o.world, o.clock, signal);

/** How to apply: as a new run, or as the continuation of an interrupted one. */
export interface ApplyOptions {
  readonly listen: Listen;
  readonly cancel: AbortSignal;
  readonly takeOver: boolean;
  /** Run to go on with: its journal and its request ids. */
  readonly resume?: string;
  /** Whether the endpoint is asked meanwhile, for verbs during which it must answer. */
  readonly probe?: boolean;
}

/** How a run ended, and what the endpoint did meanwhile. */
export interface Applied extends RunResult {
  readonly run: string;
  readonly probed?: Probed;
}

/**
 * Applies a plan under both leases: the local one (other processes of this computer) from before the first record, the remote
 * one (other computers) by the plan's own lease step, kept alive here.
 */
export const applyVerb = async (o: Operator, p: Prepared, plan: CloudPlan, a: ApplyOptions): Promise<Applied> => {
  const run = a.resume ?? newRunId(o);
  const { project } = o.world.cloud;
  const lease = takeLease(
    o.folder,
    `${project}_${p.cluster}`,
    { verb: p.verb, run, since: o.wall.now() },
    o.wall,
    a.takeOver,
  );
  const lost = new AbortController();
  const stop = new AbortController();
  try {
    const journal = openFor(o, p, plan, run, a.resume !== undefined);
    const log = logOf(o, p, plan, run);
    const root = { region: p.region, names: names(p.cluster) };
    const leaseStep = plan.steps.find((s) => s.step.id.startsWith('lease:'))?.step.id;
    const remote = { held: false };
    const listen: Listen = (event) => {
      if (event.type === 'done' && event.step === leaseStep) remote.held = true;
      // The lease goes with the root record: a heartbeat into its deletion would be refused, or end the run.
      if (event.type === 'started' && event.do === 'delete' && event.step.endsWith(`:${root.names.rootAddress}`))
        remote.held = false;
      log(event);
      a.listen(event);
    };
    const beats = Promise.all([
      keepAlive(o.wall, heartbeatMs, stop.signal, lost, () => lease.beat()),
      keepAlive(o.wall, leaseSeconds.beat * 1000, stop.signal, lost, () =>
        remote.held ? beatLease(o.world, root, p.verb, callNow(o)) : undefined,
      ),
    ]);
    const cancel = AbortSignal.any([a.cancel, lost.signal]);
    const { world, clock, wall, ids } = o;
    const reattach = (operation: string, signal: AbortSignal): Promise<void> =>
      world.cloud.compute.waitAgain(operation, signal);
    const parts = { run, journal, listen, cancel, world, clock, wall, ids, reattach };
    const prober = a.probe === true && isProbed(p.verb) ? await startProber(o, root) : undefined;
    const result = await applyPlan<Reads, Writes>(plan, parts);
    const probed = await prober?.stop();
    if (probed !== undefined) note(journal, probed, (text) => appendRunLog(o.folder, run, text));
    stop.abort();
    await beats;
    if (remote.held) await giveBack(o, root, result.error !== undefined);
    if (result.error === undefined && p.undoes !== undefined) markUndone(o, p.undoes);
    return { ...result, run, ...(probed === undefined ? {} : { probed }) };
  } finally {
    stop.abort();
    lease.release();
  }
};

// An API that does not answer before the run begins has nothing to lose by it.
const startProber = async (o: Operator, root: Leased & { names: Names }): Promise<Prober | undefined> => {
  const kubernetes = await o.world.kubernetes(root.names.secrets.admin);
  const answers = await kubernetes?.readyz();
  if (kubernetes === undefined || answers?.ok !== true) return undefined;
  return new Prober({ kubernetes, wall: o.wall, timeScale: o.timeScale });
};

const note = (journal: Journal, probed: Probed, log: (text: string) => void): void => {
  const text = probedWords(probed);
  journal.append({ type: 'probed', text });
  log(`[=] API meanwhile: ${text}`);
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

// So that a resume does not go on with what was taken back.
const markUndone = (o: Operator, run: string): void =>
  o.journals.open(run).append({ type: 'ended', state: 'undone', at: o.wall.now() });

/** Sorts by time, and tells two runs of one second apart. */
const newRunId = (o: Operator): string =>
  `${new Date(o.wall.now()).toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()}-${randomText(o.ids, 4)}`;

const logOf = (o: Operator, p: Prepared, plan: CloudPlan, run: string): Listen => {
  const write = (text: string): void => appendRunLog(o.folder, run, text);
  write(`${new Date(o.wall.now()).toISOString()} ${p.verb} ${p.cluster} on ${o.world.cloud.label}`);
  return new RunLines(plan, (line) => write(line.text)).listen;
};

const openFor = (o: Operator, p: Prepared, plan: CloudPlan, run: string, resume: boolean): Journal => {
  if (!resume) {
    const { project } = o.world.cloud;
    return o.journals.create({
      run,
      verb: p.verb,
      cluster: p.cluster,
      project,
      at: o.wall.now(),
      input: p.input,
      ...(p.kubeUp === true ? { kubeUp: true } : {}),
      timeScale: o.timeScale,
      expectedMs: plan.expectedMs,
      steps: plan.changes.map(({ step }) => ({ id: step.id, title: step.title, expectedMs: step.expectedMs })),
    });
  }
  const journal = o.journals.open(run);
  journal.append({ type: 'resumed', at: o.wall.now(), pid: process.pid });
  return journal;
};

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
