import { isOpen, type Journals, type PlanRecord, type StoredRun } from '../engine/journal.ts';
import { livingHolder } from '../engine/lease.ts';
import type { Clock } from '../lib/clock.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { leaseName, type Whom } from '../model/whom.ts';
import { findRoots } from '../steps/inventory.ts';
import type { Reads } from '../steps/world.ts';
import type { Prepared } from './prepared.ts';

const wordsOf = (cluster: string, { cloud, project, uid }: Whom): string =>
  `cluster ${cluster} (uid ${uid}) in project ${project} of ${cloud === 'google' ? 'Google Cloud' : `the emulator ${cloud.replace('emulator:', '')}`}`;

const notThis = (what: string, whose: string, remedy: string): OperatorError =>
  new OperatorError('foreign', `${what} is for ${whose}: nothing was changed`, { remedy });

const otherCloud = (what: string, cluster: string, whom: Whom, { cloud }: Reads): OperatorError | undefined =>
  whom.cloud === cloud.id && whom.project === cloud.project
    ? undefined
    : notThis(
        what,
        `${wordsOf(cluster, whom)}, and this is ${cloud.label}`,
        'Choose that cloud again, or an emulator that was reset since is gone: plan anew here.',
      );

/**
 * Compares a plan with the world at hand, right before it is applied (invariant 10): the same cloud and project, and the very
 * cluster that it was made for; a create finds the name still free, or what it has begun itself.
 */
export const checkWhom = async (world: Reads, p: Prepared): Promise<void> => {
  const elsewhere = otherCloud('The plan', p.cluster, p.whom, world);
  if (elsewhere !== undefined) throw elsewhere;
  const named = (await findRoots(world.cloud)).filter((r) => r.name === p.cluster);
  if (named.some((r) => r.record.uid === p.whom.uid)) return;
  const [other] = named;
  if (other !== undefined)
    throw notThis(
      'The plan',
      `${wordsOf(p.cluster, p.whom)}, and that name is another cluster's now: uid ${other.record.uid} in ${other.region}`,
      'Say the verb again for the cluster that is there, or choose another name.',
    );
  if (p.free === true || p.verb === 'down' || p.verb === 'undo') return;
  throw notThis('The plan', `${wordsOf(p.cluster, p.whom)}, which is gone`, 'See: trizone status');
};

/**
 * The world in which an old run may be gone on with or taken back: limited to the cluster that it was for. Refused where the run
 * is for another cloud, or does not say whom it is for.
 */
export const worldOf = <R extends Reads>(world: R, plan: PlanRecord): R => {
  const { run, cluster, project, cloud, uid } = plan;
  if (cloud === undefined || uid === undefined)
    throw new OperatorError(
      'refused',
      `An earlier Trizone wrote this run and did not note which cluster it was for: ${run}`,
      {
        remedy: `Say its verb again (${plan.verb} of ${cluster}). To forget the run: trizone runs --forget ${run}`,
      },
    );
  const elsewhere = otherCloud(`The run ${run}`, cluster, { cloud, project, uid }, world);
  if (elsewhere !== undefined) throw elsewhere;
  return { ...world, only: { uid } };
};

/** Ends the runs that can still be gone on with although what they are for is gone: of a cluster, or of a whole emulator. */
export const closeRuns = (journals: Journals, wall: Clock, gone: (plan: PlanRecord) => boolean): void => {
  for (const run of journals.list())
    if (isOpen(run) && !run.readOnly && gone(run.plan))
      journals.open(run.plan.run).append({ type: 'ended', state: 'closed', at: wall.now() });
};

/** Whether a process of this computer works on the run right now. */
export const isLiving = (folder: string, { plan }: StoredRun, wall: Clock): boolean =>
  livingHolder(folder, leaseName(plan.cluster, plan), wall)?.run === plan.run;

/** Ends a run that nobody wants to go on with: it is offered no more. What it made stays. False where it is over already. */
export const forgetRun = (o: { folder: string; journals: Journals; wall: Clock }, name: string): boolean => {
  const run = o.journals.read(name);
  if (isLiving(o.folder, run, o.wall))
    throw new OperatorError('refused', `The run is going on: ${name}`, {
      remedy: 'Cancel it first (Ctrl-C where it runs).',
    });
  if (!isOpen(run)) return false;
  o.journals.open(name).append({ type: 'ended', state: 'closed', at: o.wall.now() });
  return true;
};
