import type { Listen } from '../engine/events.ts';
import { takeLease, type Lease } from '../engine/lease.ts';
import { applyPlan } from '../engine/runner.ts';
import type { RunResult } from '../engine/runOptions.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { names } from '../model/names.ts';
import { probedWords, type Probed } from '../model/probed.ts';
import { leaseName } from '../model/clusterIdentity.ts';
import { leaseSeconds, releaseLease } from '../steps/lease.ts';
import { takeBack } from '../steps/takeBack.ts';
import type { Reads, Writes } from '../steps/world.ts';
import type { Prepared } from '../verbs/prepared.ts';
import { checkIdentity, closeRuns } from '../verbs/identity.ts';
import { scoped } from './gate.ts';
import { withHeartbeats } from './heartbeats.ts';
import { callNow, type CloudPlan, type Operator } from './operator.ts';
import { Prober } from './prober.ts';
import { checkpointOf, type Replanning } from './replan.ts';
import { begin, ending, newRunId, type Underway } from './underway.ts';

/** How to apply a plan: as a new run, or to continue an interrupted one. */
export interface ApplyOptions extends Replanning {
  readonly listen: Listen;
  readonly cancel: AbortSignal;
  /** Run to resume: its journal and request IDs are reused. */
  readonly resume?: string;
  /** Whether to probe the API endpoint during the run, for verbs that must keep it available. */
  readonly probe?: boolean;
}

/** The outcome of a run, and how the endpoint behaved during it. */
export interface Applied extends RunResult {
  readonly run: string;
  readonly probed?: Probed;
}

/**
 * Applies a plan to the cluster it was made for, under both leases: the local one (against other processes on this
 * computer), held from before the first record, and the remote one (against other computers), acquired by the plan's
 * own lease step, kept alive, and verified before each change.
 */
export const applyVerb = (
  operator: Operator,
  prepared: Prepared,
  plan: CloudPlan,
  options: ApplyOptions,
): Promise<Applied> => {
  const run = options.resume ?? newRunId(operator);
  return withLocalLease(operator, prepared, { run, takeOver: options.takeOver }, async (local) => {
    await checkIdentity(operator.world, prepared);
    const u = begin(operator, prepared, plan, { ...options, run, isResumed: options.resume !== undefined });
    const ended = await withHeartbeats({ wall: operator.wall, local, fence: u.fence, lost: u.lost }, () =>
      withProber(operator, prepared, u, options.probe === true, () => carryOut(operator, prepared, plan, u, options)),
    );
    await handBack(operator, prepared, u, ended.error !== undefined);
    return { ...ended, run };
  });
};

const withLocalLease = async <T>(
  operator: Operator,
  prepared: Prepared,
  { run, takeOver }: { readonly run: string; readonly takeOver: boolean },
  work: (lease: Lease) => Promise<T>,
): Promise<T> => {
  const me = { verb: prepared.verb, run, since: operator.wall.now() };
  const lease = takeLease(operator.folder, leaseName(prepared.cluster, prepared.identity), me, operator.wall, takeOver);
  try {
    return await work(lease);
  } finally {
    lease.release();
  }
};

const carryOut = (
  operator: Operator,
  prepared: Prepared,
  plan: CloudPlan,
  underway: Underway,
  options: ApplyOptions,
): Promise<RunResult> => {
  const { clock, wall, ids } = operator;
  const { run, journal, listen, cancel, world } = underway;
  return applyPlan<Reads, Writes>(plan, {
    ...{ run, journal, listen, cancel, world, clock, wall, ids },
    reattach: (operation, signal) => world.cloud.compute.waitAgain(operation, signal),
    checkpoint: checkpointOf(operator, prepared, plan, underway, options),
    insist: options.resume !== undefined,
  });
};

// The prober is stopped whatever happens: it would otherwise never end.
const withProber = async (
  operator: Operator,
  prepared: Prepared,
  underway: Underway,
  probe: boolean,
  work: () => Promise<RunResult>,
): Promise<RunResult & Pick<Applied, 'probed'>> => {
  const prober = probe && prepared.probed ? await startProber(operator, prepared) : undefined;
  let probed: Probed | undefined;
  const result = await work().finally(async () => {
    probed = await prober?.stop();
  });
  if (probed === undefined) return result;
  const text = probedWords(probed);
  ending(underway.lost, () => underway.journal.append({ type: 'probed', text }));
  underway.log(`[=] API during the run: ${text}`);
  return { ...result, probed };
};

// If the API does not respond before the run begins, there is no availability to measure.
const startProber = async (operator: Operator, prepared: Prepared): Promise<Prober | undefined> => {
  const kubernetes = await scoped(operator.world, prepared.identity, prepared.cluster).kubernetes(
    names(prepared.cluster).secrets.admin,
  );
  const answers = await kubernetes?.readyz();
  if (kubernetes === undefined || answers?.ok !== true) return undefined;
  return new Prober({ kubernetes, wall: operator.wall, timeScale: operator.timeScale });
};

// Cleans up after the run: what it left in Kubernetes, the lease, and the runs of a deleted cluster.
const handBack = async (operator: Operator, prepared: Prepared, underway: Underway, failed: boolean): Promise<void> => {
  if (underway.fence.isHeld && !underway.fence.isLeaving) {
    await leaveNothing(prepared, underway);
    await giveBack(operator, underway, failed);
  }
  if (failed) return;
  if (prepared.undoes !== undefined)
    operator.journals.open(prepared.undoes).append({ type: 'ended', state: 'undone', at: operator.wall.now() });
  if (!underway.fence.isLeaving) return;
  const { cloud, project, uid } = prepared.identity;
  closeRuns(operator.journals, operator.wall, (r) => r.cloud === cloud && r.project === project && r.uid === uid);
};

// Removes what this run and dead ones left in Kubernetes; if the API is unavailable, the next run does it.
const leaveNothing = async (prepared: Prepared, { world, log }: Underway): Promise<void> => {
  try {
    const kubernetes = await world.kubernetes(names(prepared.cluster).secrets.admin);
    if (kubernetes !== undefined) await takeBack(kubernetes);
  } catch (e) {
    const { message } = asOperatorError(e);
    log(`[!] Not everything could be cleaned up in Kubernetes, the next run will try again: ${message}`);
  }
};

// If the run has failed, its own error has priority; the lease then expires by itself, and this state folder can take
// it over at once.
const giveBack = async (operator: Operator, { root, fence }: Underway, failed: boolean): Promise<void> => {
  try {
    await releaseLease(operator.world, root, (held) => fence.holds(held), callNow(operator));
  } catch (e) {
    if (failed) return;
    const { code, message } = asOperatorError(e);
    throw new OperatorError(code, `The run is done, but its lease could not be released: ${message}`, {
      cause: e,
      remedy: `Other computers must wait until the lease expires, in ${leaseSeconds.lapsed} s.`,
    });
  }
};
