import { createdSteps, type StoredRun } from '../engine/journalRecords.ts';
import { undoSteps } from '../engine/undo.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { labelKeys } from '../model/marker.ts';
import { names, type Names } from '../model/names.ts';
import { readExisting } from '../steps/existing.ts';
import { holdLease, type Held } from '../steps/lease.ts';
import type { Master } from '../steps/master.ts';
import type { Reads } from '../steps/world.ts';
import { mastersGo } from './masterParts.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { addressStep, diskStep, leaseStep, masterStep, registerStep } from '../steps/stepIds.ts';
import type { StepId } from '../engine/step.ts';

/** A create to undo: its run, the masters it chose, and what it would do now. */
export interface Created {
  readonly run: StoredRun;
  readonly input: { readonly uid: string; readonly replicas: readonly Master[] };
  readonly work: Work;
}

/** Whether a create has created its cluster's root record. */
export const hasBegun = ({ plan, records }: StoredRun): boolean =>
  records.some((r) => r.type === 'done' && r.step === addressStep(names(plan.cluster).rootAddress));

/**
 * If the run created the cluster, everything is deleted, regardless of quorum; if it only added to an existing cluster,
 * that must stay intact. Once another run has changed the cluster, it is refused: this run does not know what exists
 * now.
 */
export const undoUp = async (world: Reads, { run, input, work }: Created, { by }: Preparing): Promise<Work> => {
  const { cluster, region, steps } = work;
  const n = names(cluster);
  const made = createdSteps(run.records);
  const marks = { [labelKeys.run]: run.plan.run };
  const lease = holdLease({ region, names: n }, by, [], { marks, refusal: ofAnother(run) });
  const added = made.has(addressStep(n.rootAddress))
    ? []
    : input.replicas.filter((m) => made.has(diskStep(n.masterDisk(m.name))));
  const going = added.length === 0 ? [] : mastersGo(await readExisting(world, cluster), added.toReversed(), [lease]);
  const own = new Set(added.flatMap((m) => stepsOf(n, m.name)));
  // Removing a zone's last master also deletes its group.
  const removed = new Set(going.map((s) => s.id));
  const rest = steps.filter((s) => !own.has(s.id) && !removed.has(`remove-${s.id}`));
  const undone = undoSteps(rest, run.records, [lease, ...going]);
  return {
    ...forCluster(world, { name: cluster, region, uid: input.uid }),
    steps: undone,
    input: { of: run.plan.run },
  };
};

// A replica's steps with an inverse: it is removed as by `master remove` instead.
const stepsOf = (names: Names, master: string): StepId[] => [
  addressStep(names.masterAddress(master)),
  diskStep(names.masterDisk(master)),
  masterStep(master),
  registerStep(master),
];

// If the lease does not record its last run, it must not have been acquired more often than this run did.
const ofAnother =
  ({ plan, records }: StoredRun) =>
  (held: Held): OperatorError | undefined => {
    const lease = leaseStep(names(plan.cluster));
    const taken = records.filter((r) => r.type === 'intent' && r.step === lease).length;
    if (held.run === undefined ? held.generation <= taken : held.run === plan.run) return undefined;
    const message = `Another run has changed the cluster since ${plan.run}, which can undo only its own changes`;
    return new OperatorError('refused', `${message}: ${held.run ?? 'a run of an earlier Trizone version'}`, {
      remedy: toRun(
        'Nothing was changed. To tear down the whole cluster',
        command`trizone down --cluster ${plan.cluster}`,
      ),
    });
  };
