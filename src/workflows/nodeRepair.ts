import * as v from 'valibot';
import type { PlanRecord } from '../engine/journal.ts';
import { checkName } from '../model/names.ts';
import { readExisting } from '../steps/existing.ts';
import { holdLease } from '../steps/lease.ts';
import { nodeReady, noNode, restartNode } from '../steps/nodeRepair.ts';
import { validateCluster } from '../steps/validate.ts';
import type { Reads } from '../steps/world.ts';
import { forCluster, inputOf, type Prepared, type VerbOptions } from './prepared.ts';

const wishSchema = v.object({ cluster: v.string(), name: v.string() });

/** `node repair NAME`: a machine of a pool whose Node is missing or NotReady starts anew, and registers. */
export const prepareNodeRepair = async (
  world: Reads,
  wish: v.InferOutput<typeof wishSchema>,
  o: VerbOptions,
): Promise<Prepared> => {
  const { cluster: c, has } = await readExisting(world, checkName('Cluster', wish.cluster));
  const found = has.nodes.find((i) => i.name === wish.name);
  if (found === undefined) throw noNode(wish.name);
  const m = { name: found.name, zone: found.zone ?? '' };
  const lease = holdLease(c, 'node-repair', o.takeOver, []);
  const restarted = restartNode(c, m, [lease]);
  const ready = nodeReady(c, m, restarted);
  const steps = [lease, restarted, ready, validateCluster(c, [ready])];
  return { ...forCluster(world, c), verb: 'node-repair', steps, input: wish };
};

/** The same again, from its journal; undefined for other verbs. */
export const prepareNodeAgain = (world: Reads, plan: PlanRecord, o: VerbOptions): Promise<Prepared> | undefined =>
  plan.verb === 'node-repair' ? prepareNodeRepair(world, inputOf(plan, wishSchema), o) : undefined;
