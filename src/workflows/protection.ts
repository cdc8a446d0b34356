import type { PlanRecord } from '../engine/journal.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { checkName, names } from '../model/names.ts';
import { findRoot } from '../steps/inventory.ts';
import { setProtection } from '../steps/protect.ts';
import type { Reads } from '../steps/world.ts';
import { forCluster, type Prepared } from './prepared.ts';

/** `protect on` and `protect off`. It needs no lease: it may be said while another verb works, and holds for the next one. */
export const prepareProtection = async (world: Reads, name: string, on: boolean): Promise<Prepared> => {
  const root = await findRoot(world, checkName('Cluster', name));
  if (root === undefined)
    throw new OperatorError('not-found', `No cluster of that name in ${world.cloud.label}: ${name}`, {
      remedy: 'See: trizone status',
    });
  const steps = [setProtection({ region: root.region, names: names(name) }, on)];
  const { record, region } = root;
  return {
    ...forCluster(world, { name, region, uid: record.uid }),
    verb: on ? 'protect' : 'unprotect',
    steps,
    input: {},
  };
};

/** The same again, from its journal; undefined for other verbs. */
export const prepareProtectionAgain = (world: Reads, plan: PlanRecord): Promise<Prepared> | undefined =>
  plan.verb === 'protect' || plan.verb === 'unprotect'
    ? prepareProtection(world, plan.cluster, plan.verb === 'protect')
    : undefined;
