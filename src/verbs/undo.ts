import * as v from 'valibot';
import type { PlanRecord, StoredRun } from '../engine/journalRecords.ts';
import { message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Reads } from '../steps/world.ts';
import type { Preparing, Work } from './prepared.ts';
import { hasBegun } from './undoUp.ts';
import { verb, type Verb } from './verb.ts';
import { checkThere, worldOf } from './identity.ts';

/** The run to undo, as stored. */
interface Request {
  readonly run: StoredRun;
}

// Runs under the cluster's lease, since another run may have changed the cluster. It includes what voters and nodes
// need before their removal. The undo of a create deletes the cluster itself last; that the cluster is then gone is not
// an error. `resumed` is the undo's own run, if it is being resumed.
const takeBack = async (
  verbs: readonly Verb[],
  world: Reads,
  run: StoredRun,
  options: Preparing,
  resumed?: PlanRecord,
) => {
  const { plan } = run;
  const undone = verbs.find((v) => v.name === plan.verb);
  if (undone?.undo === undefined)
    throw new OperatorError('refused', `Only runs that add resources can be undone: ${plan.run} was ${plan.verb}`, {
      remedy:
        plan.verb === 'down'
          ? toRun('Deleted resources cannot be restored. To finish the run', command`trizone resume ${plan.run}`)
          : '',
    });
  const mayBeGone = undone.mayLackCluster === true && (resumed !== undefined || !hasBegun(run));
  await checkThere(world, resumed ?? plan, mayBeGone);
  return { ...(await undone.undo(world, run, options)), undoes: plan.run };
};

/** Undoes what a run of one of these verbs created. */
export const undoOf = (verbs: readonly Verb[]) =>
  verb({
    name: 'undo',
    label: 'Undo on {0}',
    ...{ risky: true, probed: true },
    target: { on: 'cluster' },
    options: {},
    title: ({ run }: Request) => message('Undo run {0} on {1}', run.plan.run, run.plan.cluster),
    typed: ({ run }) => run.plan.cluster,
    mayLackCluster: true,
    stored: v.object({ of: v.string() }),
    prepare: (world, { run }: Request, o) => takeBack(verbs, worldOf(world, run.plan), run, o),
    again: (world, { of }, options, plan, runs): Promise<Work> => {
      const undone = runs.find((r) => r.plan.run === of);
      if (undone === undefined) throw new OperatorError('journal', `The run to undo was not found: ${of}`);
      return takeBack(verbs, world, undone, options, plan);
    },
  });
