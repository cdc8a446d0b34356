import * as v from 'valibot';
import type { PlanRecord, StoredRun } from '../engine/journal.ts';
import { undoSteps } from '../engine/undo.ts';
import { randomText, type Ids } from '../lib/ids.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { clusterOf, clusterSpec, type ClusterInput, type ClusterSpec } from '../model/cluster.ts';
import { names } from '../model/names.ts';
import { holdLease } from '../steps/lease.ts';
import { findRoots, takeInventory, type Inventory, type Root } from '../steps/inventory.ts';
import type { CloudStep, Reads } from '../steps/world.ts';
import { createCluster } from './create.ts';
import { tearDown } from './tearDown.ts';

/** One verb ready to be planned: its steps, and what a resume needs to build them again. */
export interface Prepared {
  readonly verb: 'up' | 'down' | 'undo';
  readonly cluster: string;
  readonly region: string;
  readonly steps: readonly CloudStep[];
  readonly input: unknown;
  /** Run that is taken back by this one. */
  readonly undoes?: string;
}

/** What the verbs that make or find a cluster are told. */
export interface VerbOptions {
  readonly ids: Ids;
  readonly takeOver: boolean;
}

const inputSchema = v.object({
  wish: v.custom<ClusterInput>((x) => typeof x === 'object' && x !== null),
  uid: v.string(),
  created: v.string(),
});

/** Create, or go on with a cluster that exists: its root record says which it is. */
export const prepareUp = async (world: Reads, wish: ClusterInput, o: VerbOptions): Promise<Prepared> => {
  const spec = clusterSpec(wish);
  const root = (await findRoots(world.cloud)).find((r) => r.name === spec.name);
  if (root !== undefined) await checkSame(world, spec, root);
  const uid = root?.record.uid ?? randomText(o.ids, 8);
  const created = root?.record.created ?? new Date(world.wall.now()).toISOString();
  return upOf(wish, uid, created, o.takeOver);
};

const upOf = (wish: ClusterInput, uid: string, created: string, takeOver: boolean): Prepared => {
  const spec = clusterSpec(wish);
  const steps = createCluster(clusterOf(spec, uid), { created, takeOver });
  return { verb: 'up', cluster: spec.name, region: spec.region, steps, input: { wish, uid, created } };
};

// What cannot be changed on a cluster that exists is refused here, before a plan would try half of it.
const checkSame = async (world: Reads, spec: ClusterSpec, root: Root): Promise<void> => {
  const refuse = (what: string, is: string, asked: string): never => {
    throw new OperatorError('refused', `The cluster exists with another ${what}: ${is}, asked for ${asked}`, {
      remedy: `Ask for ${is}, take it away first (trizone down), or choose another name with --cluster (KUBE_GCE_INSTANCE_PREFIX).`,
    });
  };
  if (root.region !== spec.region) refuse('region', root.region, spec.region);
  if (root.record.podCidr !== spec.podCidr) refuse('pod range', root.record.podCidr, spec.podCidr);
  if (root.record.serviceCidr !== spec.serviceCidr) refuse('service range', root.record.serviceCidr, spec.serviceCidr);
  const has = await takeInventory(world.cloud, { cluster: spec.name, uid: root.record.uid });
  const subnet = has.subnetworks[0]?.ipCidrRange;
  if (subnet !== undefined && subnet !== spec.subnetCidr) refuse('subnet range', subnet, spec.subnetCidr);
  const zone = firstZone(spec.name, has);
  if (zone !== undefined && zone !== spec.zone) refuse('first zone', zone, spec.zone);
};

// The machine tells it, and where that could not be made (no capacity) what was made for it: a second first zone beside the
// remains of the first one would be nobody's wish.
const firstZone = (name: string, has: Inventory): string | undefined => {
  const n = names(name);
  return (
    has.masters.find((m) => m.name === n.firstMaster) ??
    has.disks.find((d) => d.name === n.masterDisk(n.firstMaster)) ??
    [...has.groups, ...has.pools][0]
  )?.zone;
};

/** Tear down; undefined where nothing of the cluster exists. */
export const prepareDown = async (world: Reads, name: string, o: VerbOptions): Promise<Prepared | undefined> => {
  const root = (await findRoots(world.cloud)).find((r) => r.name === name);
  if (root === undefined) return undefined;
  const inventory = await takeInventory(world.cloud, { cluster: name, uid: root.record.uid });
  const steps = tearDown(root, world.cloud.project, inventory, o.takeOver);
  return { verb: 'down', cluster: name, region: root.region, steps, input: { name } };
};

const inputOf = <S extends v.GenericSchema>(plan: PlanRecord, schema: S): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, plan.input);
  if (parsed.success) return parsed.output;
  throw new OperatorError('journal', `The run's journal does not say what was asked for: ${plan.run}`, {
    remedy: 'The cloud knows what exists: say the verb again (trizone up or down).',
  });
};

/** The same verb again, from its journal. Undefined where nothing is left to do. */
export const prepareAgain = async (
  world: Reads,
  plan: PlanRecord,
  o: VerbOptions,
  runs: readonly StoredRun[],
): Promise<Prepared | undefined> => {
  if (plan.verb === 'up') {
    const { wish, uid, created } = inputOf(plan, inputSchema);
    return upOf(wish, uid, created, o.takeOver);
  }
  if (plan.verb === 'down') return prepareDown(world, plan.cluster, o);
  const { of } = inputOf(plan, v.object({ of: v.string() }));
  const undone = runs.find((r) => r.plan.run === of);
  if (undone === undefined) throw new OperatorError('journal', `The run to undo is gone: ${of}`);
  return prepareUndo(undone, o.takeOver);
};

/**
 * Undo of a run that added something: a plan of removals from what its journal says that it made, under the cluster's lease
 * (somebody else may have gone on with the cluster since).
 */
export const prepareUndo = (run: StoredRun, takeOver: boolean): Prepared => {
  if (run.plan.verb !== 'up') {
    throw new OperatorError('refused', `Only a run that adds can be undone: ${run.plan.run} was ${run.plan.verb}`, {
      remedy: run.plan.verb === 'down' ? `What was removed is gone. Go on with: trizone resume ${run.plan.run}` : '',
    });
  }
  const { wish, uid, created } = inputOf(run.plan, inputSchema);
  const { cluster, region, steps: made } = upOf(wish, uid, created, false);
  const lease = holdLease({ region, names: names(cluster) }, 'undo', takeOver, []);
  const steps = undoSteps(made, run.records, [lease]);
  return { verb: 'undo', cluster, region, steps, input: { of: run.plan.run }, undoes: run.plan.run };
};
