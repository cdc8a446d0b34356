import * as v from 'valibot';
import { createdSteps, type JournalRecord, type PlanRecord, type StoredRun } from '../engine/journal.ts';
import { undoSteps } from '../engine/undo.ts';
import { randomText } from '../lib/ids.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { clusterOf, clusterSpec, type Cluster, type ClusterInput, type ClusterSpec } from '../model/cluster.ts';
import { labelKeys } from '../model/marker.ts';
import { names } from '../model/names.ts';
import { masterWarnings } from '../model/quorum.ts';
import { isUndoable } from '../model/verbs.ts';
import { readExisting } from '../steps/existing.ts';
import { narrowed } from '../steps/firewall.ts';
import { findMade, madeWarnings } from '../steps/kubernetesMade.ts';
import { holdLease, type Held } from '../steps/lease.ts';
import { readUsers } from '../steps/letGo.ts';
import { findRoot, takeInventory, wholeInventory, type Inventory, type Root } from '../steps/inventory.ts';
import type { Master } from '../steps/master.ts';
import type { Reads } from '../steps/world.ts';
import { createCluster } from './create.ts';
import { chooseReplicas, mastersGo, prepareMasterAgain, prepareMasterUndo } from './masterVerbs.ts';
import { preparePoolAgain, preparePoolUndo } from './poolVerbs.ts';
import { prepareNodeAgain } from './nodeRepair.ts';
import { prepareDrillAgain } from './drill.ts';
import { forCluster, inputOf, type Prepared, type VerbOptions } from './prepared.ts';
import { prepareProtectionAgain } from './protection.ts';
import { prepareRepairAgain } from './repairVerb.ts';
import { prepareZoneAgain } from './zoneVerb.ts';
import { tearDown } from './tearDown.ts';
import { checkThere, worldOf } from './whom.ts';

const inputSchema = v.object({
  wish: v.custom<ClusterInput>((x) => typeof x === 'object' && x !== null),
  uid: v.string(),
  created: v.string(),
  replicas: v.optional(v.array(v.object({ name: v.string(), zone: v.string() })), []),
});
type Input = v.InferOutput<typeof inputSchema>;

/** Create, or go on with a cluster that exists: its root record says which it is. */
export const prepareUp = async (world: Reads, wish: ClusterInput, o: VerbOptions): Promise<Prepared> => {
  const spec = clusterSpec(wish);
  const root = await findRoot(world, spec.name);
  const uid = root?.record.uid ?? randomText(o.ids, 8);
  const has = await wholeInventory(world.cloud, { cluster: spec.name, uid }, spec.region);
  if (root !== undefined) checkSame(spec, root, has);
  const created = root?.record.created ?? new Date(world.wall.now()).toISOString();
  const replicas = await replicasOf(world, clusterOf(spec, uid), has, o);
  const input = keepingAllow({ wish, uid, created, replicas }, has);
  return { ...upOf(world, input, o.takeOver), free: root === undefined };
};

const upOf = (world: Reads, { wish, uid, created, replicas, keeps }: Kept, takeOver: boolean): Prepared => {
  const spec = clusterSpec(wish);
  const steps = createCluster(clusterOf(spec, uid), { created, takeOver, replicas });
  const input = { wish, uid, created, replicas };
  const warnings = [...masterWarnings(spec.zones.length), ...(keeps === undefined ? [] : [keeps])];
  return { ...forCluster(world, { ...spec, uid }), verb: 'up', free: true, steps, input, warnings };
};

/** What was asked for, and in words what stays as it is because nothing was said of it. */
interface Kept extends Input {
  readonly keeps?: string;
}

// Who says nothing of the API's allow-list opens nothing: only an explicit 0.0.0.0/0 does.
const keepingAllow = (input: Input, has: Inventory): Kept => {
  const kept = narrowed(names(clusterSpec(input.wish).name), has.firewalls);
  if (input.wish.apiAllow !== undefined || kept === undefined) return input;
  const keeps = `The API stays open to ${kept.join(', ')} only; --api-allow 0.0.0.0/0 opens it to everybody.`;
  return { ...input, wish: { ...input.wish, apiAllow: kept }, keeps };
};

// A master that a zone has already is the one that was wished for, finished or not.
const replicasOf = async (world: Reads, cluster: Cluster, has: Inventory, o: VerbOptions): Promise<Master[]> => {
  const zones = cluster.zones.slice(1);
  const there = zones.flatMap((zone) => has.masters.find((m) => m.zone === zone)?.name ?? []);
  const placed = has.masters.filter((m) => there.includes(m.name)).map((m) => ({ name: m.name, zone: m.zone ?? '' }));
  const missing = zones.filter((zone) => !placed.some((m) => m.zone === zone));
  const chosen = missing.length === 0 ? [] : await chooseReplicas(world, { cluster, has }, missing, o.ids);
  return zones.flatMap((zone) => [...placed, ...chosen].find((m) => m.zone === zone) ?? []);
};

// What cannot be changed on a cluster that exists is refused here, before a plan would try half of it.
const checkSame = (spec: ClusterSpec, root: Root, has: Inventory): void => {
  const refuse = (what: string, is: string, asked: string): never => {
    throw new OperatorError('refused', `The cluster exists with another ${what}: ${is}, asked for ${asked}`, {
      remedy: `Ask for ${is}, take it away first (trizone down), or choose another name with --cluster (KUBE_GCE_INSTANCE_PREFIX).`,
    });
  };
  if (root.region !== spec.region) refuse('region', root.region, spec.region);
  if (root.record.podCidr !== spec.podCidr) refuse('pod range', root.record.podCidr, spec.podCidr);
  if (root.record.serviceCidr !== spec.serviceCidr) refuse('service range', root.record.serviceCidr, spec.serviceCidr);
  const subnet = has.subnetworks[0]?.ipCidrRange;
  if (subnet !== undefined && subnet !== spec.subnetCidr) refuse('subnet range', subnet, spec.subnetCidr);
  const zone = firstZone(spec.name, has);
  if (zone !== undefined && zone !== spec.zone) refuse('first zone', zone, spec.zone);
  checkFirst(spec.name, has);
};

// A first master that was taken away cannot be made a second time: its cluster exists, so it would have to join.
const checkFirst = (name: string, has: Inventory): void => {
  const n = names(name);
  const gone = ![...has.masters, ...has.disks].some((r) =>
    [n.firstMaster, n.masterDisk(n.firstMaster)].includes(r.name),
  );
  if (!gone || has.masters.length === 0) return;
  throw new OperatorError(
    'refused',
    `The cluster goes on without its first master ${n.firstMaster}: up cannot make it again`,
    {
      remedy: 'Add a master instead: trizone replicate --zone Z',
    },
  );
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
  const root = await findRoot(world, name);
  if (root === undefined) return undefined;
  const owner = { cluster: name, uid: root.record.uid, region: root.region };
  const inventory = await wholeInventory(world.cloud, owner, root.region);
  const users = await readUsers(world, name);
  const made = await findMade(world.cloud, owner, inventory, users);
  const steps = tearDown(root, world.cloud.project, inventory, made, o.takeOver);
  const warnings = madeWarnings(made, users);
  const target = forCluster(world, { name, region: root.region, uid: root.record.uid });
  return { ...target, verb: 'down', steps, input: { name }, warnings };
};

/** The same verb again for the same cluster, from its journal. Undefined where nothing is left to do. */
export const prepareAgain = async (
  anywhere: Reads,
  plan: PlanRecord,
  o: VerbOptions,
  runs: readonly StoredRun[],
): Promise<Prepared | undefined> => {
  const world = worldOf(anywhere, plan);
  if (plan.verb === 'up') return upAgain(world, plan, o, runs);
  if (plan.verb === 'down') return prepareDown(world, plan.cluster, o);
  if (plan.verb === 'undo') return undoAgain(world, plan, o, runs);
  await checkThere(world, plan);
  return (
    preparePoolAgain(world, plan, o) ??
    prepareMasterAgain(world, plan, o) ??
    prepareZoneAgain(world, plan, o) ??
    prepareNodeAgain(world, plan, o) ??
    prepareRepairAgain(world, plan, o) ??
    prepareDrillAgain(world, plan, o) ??
    prepareProtectionAgain(world, plan) ??
    unknownVerb(plan)
  );
};

const unknownVerb = ({ run, verb }: PlanRecord): never => {
  throw new OperatorError('journal', `This Trizone knows no verb ${verb}: run ${run}`, {
    remedy: `The cloud knows what exists. To forget the run: trizone runs --forget ${run}`,
  });
};

// The undo of a create takes the cluster itself away last: then it is over, and that it is gone is no complaint.
const undoAgain = async (
  world: Reads,
  plan: PlanRecord,
  o: VerbOptions,
  runs: readonly StoredRun[],
): Promise<Prepared> => {
  const { of } = inputOf(plan, v.object({ of: v.string() }));
  const undone = runs.find((r) => r.plan.run === of);
  if (undone === undefined) throw new OperatorError('journal', `The run to undo is gone: ${of}`);
  await checkThere(world, plan, undone.plan.verb === 'up');
  return undoOf(world, undone, o);
};

// What this run had made and somebody has torn down since is not made a second time by it.
const upAgain = async (
  world: Reads,
  plan: PlanRecord,
  o: VerbOptions,
  runs: readonly StoredRun[],
): Promise<Prepared> => {
  const made = runs.find((r) => r.plan.run === plan.run)?.records ?? [];
  if (hasBegun(plan, made) && (await findRoot(world, plan.cluster)) === undefined)
    throw new OperatorError('refused', `The cluster of this run was torn down since: ${plan.run}`, {
      remedy: `Make another one: trizone up. To forget the run: trizone runs --forget ${plan.run}`,
    });
  const input = inputOf(plan, inputSchema);
  const has = await takeInventory(world.cloud, { cluster: plan.cluster, uid: input.uid });
  return upOf(world, keepingAllow(input, has), o.takeOver);
};

const hasBegun = (plan: PlanRecord, made: readonly JournalRecord[]): boolean =>
  made.some((r) => r.type === 'done' && r.step === `address:${names(plan.cluster).rootAddress}`);

/**
 * Undo of a run that added something: a plan of removals from what its journal says that it made, under the cluster's lease
 * (somebody else may have gone on with the cluster since). What voters and nodes need before they go is part of it.
 */
export const prepareUndo = async (anywhere: Reads, run: StoredRun, o: VerbOptions): Promise<Prepared> => {
  const { plan, records } = run;
  const world = worldOf(anywhere, plan);
  if (!isUndoable(plan.verb)) {
    throw new OperatorError('refused', `Only a run that adds can be undone: ${plan.run} was ${plan.verb}`, {
      remedy: plan.verb === 'down' ? `What was removed is gone. Go on with: trizone resume ${plan.run}` : '',
    });
  }
  await checkThere(world, plan, plan.verb === 'up' && !hasBegun(plan, records));
  return undoOf(world, run, o);
};

const undoOf = async (world: Reads, run: StoredRun, o: VerbOptions): Promise<Prepared> => {
  const { plan, records } = run;
  const made = createdSteps(records);
  const prepared =
    plan.verb === 'up'
      ? await undoUp(world, run, made, o)
      : plan.verb === 'pool-add'
        ? await preparePoolUndo(world, plan, made, o)
        : await prepareMasterUndo(world, plan, o);
  return { ...prepared, undoes: plan.run };
};

// Whoever made the cluster takes all of it away, and no quorum matters; who added to a cluster that was there already must
// leave it whole. Once another run has worked on the cluster neither holds, for this run does not know what is there.
const undoUp = async (world: Reads, run: StoredRun, made: ReadonlySet<string>, o: VerbOptions): Promise<Prepared> => {
  const input = inputOf(run.plan, inputSchema);
  const { cluster, region, whom, steps } = upOf(world, input, false);
  const n = names(cluster);
  const marks = { [labelKeys.run]: run.plan.run };
  const lease = holdLease({ region, names: n }, 'undo', o.takeOver, [], { marks, refusal: ofAnother(run) });
  const added = made.has(`address:${n.rootAddress}`)
    ? []
    : input.replicas.filter((m) => made.has(`disk:${n.masterDisk(m.name)}`));
  const going = added.length === 0 ? [] : mastersGo(await readExisting(world, cluster), added.toReversed(), [lease]);
  const own = added.flatMap((m) => [m.name, n.masterDisk(m.name), n.masterAddress(m.name)]);
  const rest = steps.filter((s) => !own.includes(s.id.slice(s.id.indexOf(':') + 1)));
  const undone = undoSteps(rest, run.records, [lease, ...going]);
  return { verb: 'undo', cluster, region, whom, steps: undone, input: { of: run.plan.run } };
};

// Where nobody noted who held the lease last, it must have been taken no more often than this run says it did.
const ofAnother =
  ({ plan, records }: StoredRun) =>
  (held: Held): OperatorError | undefined => {
    const lease = `lease:${names(plan.cluster).rootAddress}`;
    const taken = records.filter((r) => r.type === 'intent' && r.step === lease).length;
    if (held.run === undefined ? held.generation <= taken : held.run === plan.run) return undefined;
    const message = `Another run has worked on the cluster since ${plan.run}, whose undo knows its own part only`;
    return new OperatorError('refused', `${message}: ${held.run ?? "an earlier Trizone's"}`, {
      remedy: `Nothing was changed. To take the whole cluster away: trizone down --cluster ${plan.cluster}`,
    });
  };
