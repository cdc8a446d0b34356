import type { PlanRecord, StoredRun } from '../engine/journalRecords.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Reads } from '../steps/world.ts';
import { down } from './down.ts';
import { haltMaster } from './haltMaster.ts';
import { makeHa } from './makeHa.ts';
import { masterRemove } from './masterRemove.ts';
import { masterRepair } from './masterRepair.ts';
import { masterStart } from './masterStart.ts';
import { nodeRepair } from './nodeRepair.ts';
import { poolAdd } from './poolAdd.ts';
import { poolRemove } from './poolRemove.ts';
import { poolResize } from './poolResize.ts';
import type { Prepared, VerbOptions } from './prepared.ts';
import { protect, unprotect } from './protect.ts';
import { replicate } from './replicate.ts';
import { smoke } from './smoke.ts';
import { undoOf } from './undo.ts';
import { up } from './up.ts';
import type { Verb } from './verb.ts';
import { checkThere, worldOf } from './identity.ts';
import { zoneRemove } from './zoneRemove.ts';

const ofClusters: readonly Verb[] = [
  up,
  replicate,
  makeHa,
  masterStart,
  masterRepair,
  masterRemove,
  poolAdd,
  poolResize,
  poolRemove,
  nodeRepair,
  zoneRemove,
  haltMaster,
  smoke,
  protect,
  unprotect,
  down,
];

/** Undo of a run of any of these verbs. */
export const undo = undoOf(ofClusters);

/** Every verb, in the order of help and menus. */
export const verbs: readonly Verb[] = [...ofClusters, undo];

/** A verb by name; an unknown name is a bug. */
export const verbNamed = (name: string): Verb => {
  const found = verbs.find((v) => v.name === name);
  if (found === undefined) throw new OperatorError('internal', `Unknown verb: ${name}`);
  return found;
};

/** Whether runs of a verb can be undone. */
export const isUndoable = (name: string): boolean => verbs.some((v) => v.adds && v.name === name);

/** Rebuilds a run's work for the same cluster from its journal. Undefined if there is nothing left to do. */
export const prepareAgain = async (
  anywhere: Reads,
  plan: PlanRecord,
  options: VerbOptions,
  runs: readonly StoredRun[],
): Promise<Prepared | undefined> => {
  const world = worldOf(anywhere, plan);
  const found = verbs.find((v) => v.name === plan.verb);
  if (found === undefined)
    throw new OperatorError(
      'journal',
      `This version of Trizone does not support the verb ${plan.verb}: run ${plan.run}`,
      {
        remedy: toRun('To forget the run', command`trizone runs --forget ${plan.run}`),
      },
    );
  if (found.mayLackCluster !== true) await checkThere(world, plan);
  return found.again(world, plan, options, runs);
};
