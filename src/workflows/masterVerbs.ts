import * as v from 'valibot';
import type { PlanRecord } from '../engine/journal.ts';
import { randomText, type Ids } from '../lib/ids.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { checkName, masterPattern, masterSuffix } from '../model/names.ts';
import { masterWarnings, maxMasters, quorum } from '../model/quorum.ts';
import type { Member } from '../steps/etcd.ts';
import { mastersOf, readExisting, type Existing } from '../steps/existing.ts';
import { halfMade } from '../steps/halfMade.ts';
import { mastersOutOfReach } from '../steps/inventory.ts';
import type { Master } from '../steps/master.ts';
import type { After, CloudStep, Reads } from '../steps/world.ts';
import { holdLease } from '../steps/lease.ts';
import { validateCluster } from '../steps/validate.ts';
import { joinMasters, masterGoes, removeMaster, type Leaving } from './masters.ts';
import { checkClusterZone } from './poolVerbs.ts';
import { forCluster, inputOf, type Prepared, type VerbOptions } from './prepared.ts';

const checkCluster = (name: string): string => checkName('Cluster', name);

/** A name for a new master: kube-up's three characters of [0-9a-z]; never one that is or was in use here. */
export const freshMaster = (x: Pick<Existing, 'cluster' | 'has'>, ids: Ids, taken: readonly string[]): string => {
  const { names: n } = x.cluster;
  const used = new Set([
    ...taken,
    ...x.has.masters.map((m) => n.masterDisk(m.name)),
    ...x.has.disks.map((d) => d.name),
  ]);
  for (;;) {
    const name = `${n.firstMaster}-${randomText(ids, masterSuffix.length, masterSuffix.alphabet)}`;
    if (!used.has(name) && !used.has(n.masterDisk(name))) return name;
  }
};

/** One replica for each zone: a half-made one of ours there is gone on with, otherwise a new name is chosen, once. */
export const chooseReplicas = async (
  world: Reads,
  x: Pick<Existing, 'cluster' | 'has'>,
  zones: readonly string[],
  ids: Ids,
): Promise<Master[]> => {
  const half = await halfMade(world, x);
  const chosen: Master[] = [];
  for (const zone of zones) {
    const found = half.find((m) => m.zone === zone && !chosen.some((c) => c.name === m.name));
    const taken = [...half, ...chosen].map((m) => m.name);
    chosen.push(found ?? { name: freshMaster(x, ids, taken), zone });
  }
  return chosen;
};

const growthWarnings = (x: Existing, coming: readonly Master[]): string[] => {
  const all = new Map([...mastersOf(x.has), ...coming].map((m) => [m.name, m.zone]));
  const zones = [...all.values()];
  const twice = [...new Set(coming.map((m) => m.zone))].filter((z) => zones.filter((other) => other === z).length > 1);
  return [
    ...masterWarnings(all.size),
    ...twice.map((z) => `${z} would hold more than one master: the loss of that zone takes all of them.`),
  ];
};

/** A master as a member of etcd: while it is half made it has no name there, but its reserved address tells its peer URL. */
export const memberIn = (x: Existing, m: Master): Member => ({
  ...m,
  ip: x.has.addresses.find((a) => a.name === x.cluster.names.masterAddress(m.name))?.address,
});

const joining = (
  world: Reads,
  x: Existing,
  verb: 'replicate' | 'make-ha',
  masters: readonly Master[],
  o: VerbOptions,
): Prepared => {
  const others = mastersOf(x.has)
    .map((m) => m.name)
    .filter((name) => !masters.some((m) => m.name === name));
  if (others.length === 0)
    throw new OperatorError('refused', 'There is no master that others could join', { remedy: 'See: trizone status' });
  if (others.length + masters.length > maxMasters)
    throw new OperatorError('refused', `At most ${maxMasters} masters: it has ${others.length}`, {
      remedy: 'Three tolerate the loss of one, five of two; more only slow every write down.',
    });
  return {
    ...{ ...forCluster(world, x.cluster), verb, input: { cluster: x.cluster.name, masters } },
    steps: joinMasters(x.cluster, { masters: masters.map((m) => memberIn(x, m)), others, verb }, o.takeOver),
    warnings: growthWarnings(x, masters),
  };
};

/** One more master in a zone; `name` only where somebody has chosen it (KUBE_REPLICA_NAME). */
export interface ReplicaWish {
  readonly cluster: string;
  readonly zone: string;
  readonly name?: string | undefined;
}

/** `replicate`, or go on with it. */
export const prepareReplicate = async (world: Reads, wish: ReplicaWish, o: VerbOptions): Promise<Prepared> => {
  const x = await readExisting(world, checkCluster(wish.cluster));
  const zone = checkClusterZone(x, wish.zone);
  const { name } = wish;
  if (name !== undefined && !masterPattern(x.cluster.name).test(name))
    throw invalid(
      `Not a name for a master of ${x.cluster.name}: ${name}`,
      `For example: ${x.cluster.names.firstMaster}-x7k`,
    );
  const masters = name === undefined ? await chooseReplicas(world, x, [zone], o.ids) : [{ name, zone }];
  return joining(world, x, 'replicate', masters, o);
};

/** `make-ha`: from one master to as many as zones are named, as one plan. `drawn`: names that an earlier plan of it has shown. */
export const prepareMakeHa = async (
  world: Reads,
  wish: { readonly cluster: string; readonly zones: readonly string[] },
  o: VerbOptions,
  drawn: readonly Master[] = [],
): Promise<Prepared> => {
  const x = await readExisting(world, checkCluster(wish.cluster));
  for (const zone of wish.zones) checkClusterZone(x, zone);
  if (new Set(wish.zones).size !== wish.zones.length)
    throw invalid(`Zone given twice: ${wish.zones.join(', ')}`, 'Name each zone once.');
  const half = await halfMade(world, x);
  const serving = mastersOf(x.has).filter((m) => !half.some((h) => h.name === m.name));
  const missing = wish.zones.filter((zone) => !serving.some((m) => m.zone === zone));
  const fresh = await chooseReplicas(world, x, missing, o.ids);
  const masters = fresh.map((m) => drawn.find((d) => d.zone === m.zone) ?? m);
  // A zone that has got a master meanwhile gets no second one, as the names alone would have it.
  const again = (now: Reads): Promise<Prepared> => prepareMakeHa(now, wish, o, masters);
  if (masters.length > 0) return { ...joining(world, x, 'make-ha', masters, o), again };
  const steps = [validateCluster(x.cluster, [])];
  const input = { cluster: x.cluster.name, masters };
  return { ...forCluster(world, x.cluster), verb: 'make-ha', steps, input, again };
};

/** A master as it can be taken away: which stay, and whether its zone is empty then. */
export const leavingOf = (x: Existing, m: Master, gone: readonly string[] = []): Leaving => {
  const stay = mastersOf(x.has).filter((other) => other.name !== m.name && !gone.includes(other.name));
  return { master: memberIn(x, m), others: stay.map((s) => s.name), lastInZone: !stay.some((s) => s.zone === m.zone) };
};

const leaveWarnings = (voters: number): string[] =>
  voters === 1
    ? ['1 master is left: it tolerates no failure. While one of two goes, both must answer (quorum 2).']
    : masterWarnings(voters);

/** Where a master is, by whatever is left of it. */
export const placeOf = async (world: Reads, x: Existing, name: string): Promise<Master | undefined> =>
  [...mastersOf(x.has), ...mastersOutOfReach(x.cluster, x.has.addresses, x.has.unreachable)].find(
    (m) => m.name === name,
  ) ?? (await halfMade(world, x)).find((m) => m.name === name);

/** `master remove NAME`; `known` is where an interrupted run had found it. */
export const prepareMasterRemove = async (
  world: Reads,
  wish: { readonly cluster: string; readonly name: string },
  o: VerbOptions,
  known?: Master,
): Promise<Prepared> => {
  const x = await readExisting(world, checkCluster(wish.cluster));
  const m = (await placeOf(world, x, wish.name)) ?? known;
  const all = mastersOf(x.has).map((other) => other.name);
  if (m === undefined)
    throw new OperatorError('not-found', `No such master: ${wish.name}`, {
      remedy: `Its masters: ${all.join(', ')}`,
    });
  const leaving = leavingOf(x, m);
  if (leaving.others.length === 0) throw lastMaster(m.name);
  return {
    ...{ ...forCluster(world, x.cluster), verb: 'master-remove' },
    input: { cluster: x.cluster.name, master: m },
    steps: removeMaster(x.cluster, leaving, 'master-remove', o.takeOver),
    warnings: leaveWarnings(leaving.others.length),
  };
};

const lastMaster = (name: string): OperatorError =>
  new OperatorError('refused', `${name} is the last master (quorum ${quorum(1)} of 1)`, {
    remedy: 'Tear the cluster down instead: trizone down',
  });

/** Steps that take several masters away, one after the other (invariant 6); the last one of all is refused. */
export const mastersGo = (x: Existing, masters: readonly Master[], after: After): CloudStep[] => {
  const steps: CloudStep[] = [];
  const gone: string[] = [];
  for (const m of masters) {
    const leaving = leavingOf(x, m, gone);
    if (leaving.others.length === 0) throw lastMaster(m.name);
    steps.push(...masterGoes(x.cluster, leaving, [...after, ...steps]));
    gone.push(m.name);
  }
  return steps;
};

const masterSchema = v.object({ name: v.string(), zone: v.string() });
const joinSchema = v.object({ cluster: v.string(), masters: v.array(masterSchema) });
const leaveSchema = v.object({ cluster: v.string(), master: masterSchema });

/** The same verb on masters again, from its journal; undefined for other verbs. */
export const prepareMasterAgain = (world: Reads, plan: PlanRecord, o: VerbOptions): Promise<Prepared> | undefined => {
  if (plan.verb === 'replicate' || plan.verb === 'make-ha') return joinAgain(world, plan, plan.verb, o);
  if (plan.verb !== 'master-remove') return undefined;
  const { cluster, master } = inputOf(plan, leaveSchema);
  return prepareMasterRemove(world, { cluster, name: master.name }, o, master);
};

const joinAgain = async (
  world: Reads,
  plan: PlanRecord,
  verb: 'replicate' | 'make-ha',
  o: VerbOptions,
): Promise<Prepared> => {
  const { cluster, masters } = inputOf(plan, joinSchema);
  return joining(world, await readExisting(world, cluster), verb, masters, o);
};

/** Takes back masters that a run added: each leaves as `master remove` does it, the last one first. */
export const prepareMasterUndo = async (world: Reads, plan: PlanRecord, o: VerbOptions): Promise<Prepared> => {
  const { cluster, masters } = inputOf(plan, joinSchema);
  const x = await readExisting(world, cluster);
  const lease = holdLease(x.cluster, 'undo', o.takeOver, []);
  const going = mastersGo(x, masters.toReversed(), [lease]);
  return {
    ...{ ...forCluster(world, x.cluster), verb: 'undo', input: { of: plan.run } },
    steps: [lease, ...going, validateCluster(x.cluster, going)],
  };
};
