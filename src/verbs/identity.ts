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
 * Compares a plan with the world at hand, right before it is applied (invariant 10): the same cloud and project, and the very
 * cluster that it was made for; a create finds the name still free, or what it has begun itself.
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

/** A cluster that is not there any more, in words, and whether another one has its name. */
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

// Whom an old run is for, which is what it says itself.
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
 * The world in which an old run may be resumed or undone: limited to the cluster that it was for. Refused where the run
 * is for another cloud, or does not say whom it is for.
 */
export const worldOf = <R extends Reads>(world: R, plan: PlanRecord): R => {
  const identity = identityOf(plan);
  const elsewhere = otherCloud(`Run ${plan.run}`, plan.cluster, identity, world);
  if (elsewhere !== undefined) throw elsewhere;
  return { ...world, only: { uid: identity.uid } };
};

/**
 * Refuses an old run whose cluster is gone or has left its name to another one: before anything is planned, since the plan would
 * speak of that other one. `mayBeGone`: the run has not made it yet, or takes it away itself.
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

/** Ends the runs that could still be resumed although what they are for is gone: of a cluster, or of a whole emulator. */
export const closeRuns = (journals: Journals, wall: Clock, gone: (plan: PlanRecord) => boolean): void => {
  for (const run of journals.list())
    if (isOpen(run) && !run.readOnly && gone(run.plan))
      journals.open(run.plan.run).append({ type: 'ended', state: 'closed', at: wall.now() });
};

/** Whether a process of this computer works on the run right now. */
export const isRunLive = (folder: string, { plan }: StoredRun, wall: Clock): boolean =>
  liveHolder(folder, leaseName(plan.cluster, plan), wall)?.run === plan.run;

/** Ends a run that nobody wants to resume: it is no longer offered. What it made stays. False where it is over already. */
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
