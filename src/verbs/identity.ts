import { isOpen, type Journals, type PlanRecord, type StoredRun } from '../engine/journalRecords.ts';
import { liveHolder } from '../engine/lease.ts';
import type { Clock } from '../lib/clock.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun, type Remedies } from '../lib/remedy.ts';
import { leaseName, type ClusterIdentity } from '../model/clusterIdentity.ts';
import { findRoots } from '../steps/inventory.ts';
import type { Reads } from '../steps/world.ts';
import type { Prepared } from './prepared.ts';

const wordsOf = (cluster: string, { cloud, project, uid }: ClusterIdentity): string =>
  `cluster ${cluster} (uid ${uid}) in project ${project} on ${cloud === 'google' ? 'Google Cloud' : `the emulator ${cloud.replace('emulator:', '')}`}`;

const notThis = (what: string, whose: string, remedy: Remedies): OperatorError =>
  new OperatorError('foreign', `${what} is for ${whose}. Nothing was changed`, { remedy });

const otherCloud = (
  what: string,
  cluster: string,
  identity: ClusterIdentity,
  { cloud }: Reads,
): OperatorError | undefined =>
  identity.cloud === cloud.id && identity.project === cloud.project
    ? undefined
    : notThis(
        what,
        `${wordsOf(cluster, identity)}, but the current target is ${cloud.label}`,
        'Switch back to that cloud. If its emulator was reset, that cluster is gone: make a new plan here.',
      );

/**
 * Compares a plan with the current world, right before it is applied (invariant 10): same cloud and project, and
 * exactly the cluster it was made for; for a create, the name must still be free, or taken by what this create has
 * begun.
 */
export const checkIdentity = async (world: Reads, prepared: Prepared): Promise<void> => {
  const elsewhere = otherCloud('The plan', prepared.cluster, prepared.identity, world);
  if (elsewhere !== undefined) throw elsewhere;
  const lost = await lostOf(world, prepared.cluster, prepared.identity);
  if (lost === undefined) return;
  if (lost.isAnothers)
    throw notThis('The plan', lost.whose, 'Run the command again for the existing cluster, or choose another name.');
  if (prepared.free === true || prepared.verb === 'down' || prepared.verb === 'undo') return;
  throw notThis('The plan', lost.whose, toRun('See', command`trizone status`));
};

/** A cluster that no longer exists, in words, and whether another one has its name. */
interface Lost {
  readonly isAnothers: boolean;
  readonly whose: string;
}

const lostOf = async ({ cloud }: Reads, cluster: string, identity: ClusterIdentity): Promise<Lost | undefined> => {
  const named = (await findRoots(cloud)).filter((r) => r.name === cluster);
  if (named.some((r) => r.record.uid === identity.uid)) return undefined;
  const [other] = named;
  const how =
    other === undefined
      ? ', which no longer exists'
      : `, and that name now belongs to another cluster: uid ${other.record.uid} in ${other.region}`;
  return { isAnothers: other !== undefined, whose: `${wordsOf(cluster, identity)}${how}` };
};

// The cluster that an old run is for, as recorded in its journal.
const identityOf = ({ run, cluster, verb, project, cloud, uid }: PlanRecord): ClusterIdentity => {
  if (cloud === undefined || uid === undefined)
    throw new OperatorError(
      'refused',
      `This run was written by an earlier Trizone version, which did not record its cluster: ${run}`,
      {
        remedy: toRun(
          `Run its command again (${verb} on ${cluster}). To forget the run`,
          command`trizone runs --forget ${run}`,
        ),
      },
    );
  return { cloud, project, uid };
};

/**
 * The world for resuming or undoing an old run: limited to that run's cluster. Throws if the run is for another cloud
 * or does not record its cluster.
 */
export const worldOf = <R extends Reads>(world: R, plan: PlanRecord): R => {
  const identity = identityOf(plan);
  const elsewhere = otherCloud(`Run ${plan.run}`, plan.cluster, identity, world);
  if (elsewhere !== undefined) throw elsewhere;
  return { ...world, only: { uid: identity.uid } };
};

/**
 * Rejects an old run whose cluster is gone, or whose cluster's name is now another cluster's: checked before planning,
 * because the plan would describe that other one. `mayBeGone`: the run has not created the cluster yet, or deletes it
 * itself.
 */
export const checkThere = async (world: Reads, plan: PlanRecord, mayBeGone = false): Promise<void> => {
  const lost = await lostOf(world, plan.cluster, identityOf(plan));
  if (lost === undefined || (mayBeGone && !lost.isAnothers)) return;
  const remedy = [
    toRun('See', command`trizone status`),
    toRun('To forget the run', command`trizone runs --forget ${plan.run}`),
  ];
  throw notThis(`Run ${plan.run}`, lost.whose, remedy);
};

/** Closes the resumable runs of something that no longer exists: a cluster, or a whole emulator. */
export const closeRuns = (journals: Journals, wall: Clock, gone: (plan: PlanRecord) => boolean): void => {
  for (const run of journals.list())
    if (isOpen(run) && !run.readOnly && gone(run.plan))
      journals.open(run.plan.run).append({ type: 'ended', state: 'closed', at: wall.now() });
};

/** Whether a process on this computer is currently executing the run. */
export const isRunLive = (folder: string, { plan }: StoredRun, wall: Clock): boolean =>
  liveHolder(folder, leaseName(plan.cluster, plan), wall)?.run === plan.run;

/** Closes a run, so that it is no longer offered for resuming. What it created stays. False if it has already ended. */
export const forgetRun = (options: { folder: string; journals: Journals; wall: Clock }, name: string): boolean => {
  const run = options.journals.read(name);
  if (isRunLive(options.folder, run, options.wall))
    throw new OperatorError('refused', `The run is in progress: ${name}`, {
      remedy: 'Cancel it first (press Ctrl-C where it runs).',
    });
  if (!isOpen(run)) return false;
  options.journals.open(name).append({ type: 'ended', state: 'closed', at: options.wall.now() });
  return true;
};
