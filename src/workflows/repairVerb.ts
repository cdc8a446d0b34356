import * as v from 'valibot';
import type { PlanRecord } from '../engine/journal.ts';
import type { EtcdState } from '../kube/kubernetes.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { endSoon } from '../model/certificates.ts';
import { checkName } from '../model/names.ts';
import { apiOf, ifAnswers, readEtcd } from '../steps/etcd.ts';
import { mastersOf, readExisting, type Existing } from '../steps/existing.ts';
import type { Master } from '../steps/master.ts';
import { isUnwell, type Restart } from '../steps/power.ts';
import type { Reads } from '../steps/world.ts';
import { freshMaster, leavingOf, memberIn, placeOf } from './masterVerbs.ts';
import { checkClusterZone } from './poolVerbs.ts';
import { forCluster, inputOf, type Prepared, type VerbOptions } from './prepared.ts';
import { recreateMaster, replaceMaster, restartMaster, startMaster, type Returning } from './repair.ts';

/** A master by its name. */
export interface MasterWish {
  readonly cluster: string;
  readonly name: string;
}

const noMaster = (x: Existing, name: string): OperatorError =>
  new OperatorError('not-found', `No such master: ${name}`, {
    remedy: `Its masters: ${mastersOf(x.has)
      .map((m) => m.name)
      .join(', ')}`,
  });

const outOfReach = (m: Master): OperatorError =>
  new OperatorError('unavailable', `${m.zone} cannot be reached: nobody can tell what is left of ${m.name}`, {
    retry: 'later',
    remedy: `Wait for the zone, or replace it in another one: trizone master repair ${m.name} --zone Z`,
  });

/** A master of a cluster, with those beside it. */
export const masterOf = (x: Existing, verb: Returning['verb'], name: string): Returning => {
  const all = mastersOf(x.has);
  const m = all.find((other) => other.name === name);
  if (m === undefined) throw noMaster(x, name);
  return { master: memberIn(x, m), others: all.map((o) => o.name).filter((o) => o !== name), verb };
};

/** `master start NAME`: kube-up's article starts it by gcloud and hopes; here it has to vote and serve again. */
export const prepareMasterStart = async (world: Reads, wish: MasterWish, o: VerbOptions): Promise<Prepared> => {
  const x = await readExisting(world, checkName('Cluster', wish.cluster));
  const steps = startMaster(x.cluster, masterOf(x, 'master-start', wish.name), 'never', o.takeOver);
  return { ...forCluster(world, x.cluster), verb: 'master-start', steps, input: wish };
};

/** `master repair NAME`; a zone asks for another master there in its place. */
export interface RepairWish extends MasterWish {
  readonly zone?: string | undefined;
  /** The one that takes its place; known to a run that goes on. */
  readonly next?: Master | undefined;
  readonly was?: Master | undefined;
}

/**
 * What heals a master: one that is off is started, one that hangs or whose certificates end soon is restarted, one whose machine
 * is gone is made again on its disk and address; where the disk is gone, too, or another zone is asked for, another master takes
 * its place.
 */
export const prepareMasterRepair = async (world: Reads, wish: RepairWish, o: VerbOptions): Promise<Prepared> => {
  const x = await readExisting(world, checkName('Cluster', wish.cluster));
  const zone = wish.zone === undefined ? undefined : checkClusterZone(x, wish.zone);
  const was = (await placeOf(world, x, wish.name)) ?? wish.was ?? (await strayMember(world, x, wish.name, zone));
  if (was === undefined) throw noMaster(x, wish.name);
  const elsewhere = zone !== undefined && zone !== was.zone;
  if (!elsewhere && x.has.unreachable.includes(was.zone)) throw outOfReach(was);
  const base = { ...forCluster(world, x.cluster), verb: 'master-repair' } as const;
  const hasMachine = x.has.masters.some((m) => m.name === was.name);
  const hasDisk = x.has.disks.some((d) => d.name === x.cluster.names.masterDisk(was.name));
  if (elsewhere || wish.next !== undefined || !hasDisk) {
    const next = wish.next ?? { name: freshMaster(x, o.ids, [was.name]), zone: zone ?? was.zone };
    const input = { ...wish, zone, was, next };
    return { ...base, steps: replacing(x, was, next, o), input, warnings: replaceWarnings(was, next, hasDisk) };
  }
  const r: Returning = {
    master: memberIn(x, was),
    others: mastersOf(x.has).flatMap((m) => (m.name === was.name ? [] : [m.name])),
    verb: 'master-repair',
  };
  const input = { cluster: wish.cluster, name: wish.name };
  if (!hasMachine) return { ...base, steps: recreateMaster(x.cluster, r, o.takeOver), input };
  return { ...base, ...(await healing(world, x, r, o)), input };
};

// What was announced as a start stays one: by then the machine may run, and be well.
const healing = async (world: Reads, x: Existing, r: Returning, o: VerbOptions) => {
  const { name } = r.master;
  const start = (restart: Restart) => startMaster(x.cluster, r, restart, o.takeOver);
  if (x.has.masters.find((m) => m.name === name)?.status !== 'RUNNING') return { steps: start('never'), warnings: [] };
  const through = r.others.length === 0 ? [name] : r.others;
  const e = { names: x.cluster.names, through };
  const etcd = await ifAnswers(() => readEtcd(world, e));
  if (isUnwell(etcd, e, r.master)) return { steps: start({ ifSick: e }), warnings: restartWarnings(r) };
  if (!(await isAging(world, x, r.master))) return { steps: start('never'), warnings: [] };
  // An only one that left the load balancer could not be asked any more whether it is back.
  const steps = r.others.length === 0 ? start('always') : restartMaster(x.cluster, r, o.takeOver);
  return { steps, warnings: restartWarnings(r) };
};

const replacing = (x: Existing, was: Master, next: Master, o: VerbOptions) => {
  const going = leavingOf(x, was, [next.name]);
  if (going.others.length === 0)
    throw new OperatorError('refused', `${was.name} is the only master: nobody is there to take its place over from`, {
      remedy: 'Bring its disk back, or tear the cluster down: trizone down',
    });
  const coming = { masters: [memberIn(x, next)], others: going.others, verb: 'master-repair' } as const;
  // The group of the zone stays when the next one comes to it.
  const leaving = { ...going, lastInZone: going.lastInZone && next.zone !== was.zone };
  return replaceMaster(x.cluster, leaving, coming, o.takeOver);
};

const replaceWarnings = (was: Master, next: Master, hasDisk: boolean): string[] => [
  `${was.name} goes for good, ${next.name} in ${next.zone} takes its place; until then one master fewer votes.`,
  ...(hasDisk ? [`Its disk with its copy of etcd is deleted, too.`] : []),
];

const restartWarnings = ({ master, others }: Returning): string[] =>
  others.length > 1 ? [] : [`The API does not answer while ${master.name} restarts: about a minute.`];

const etcdOf = async (world: Reads, x: Existing, except: string): Promise<EtcdState> =>
  readEtcd(world, {
    names: x.cluster.names,
    through: mastersOf(x.has).flatMap((m) => (m.name === except ? [] : [m.name])),
  });

// One whose certificates end soon: its start renews them.
const isAging = async (world: Reads, x: Existing, m: Master): Promise<boolean> => {
  const nodes = await ifAnswers(async () => (await apiOf(world, x.cluster.names)).nodes());
  const end = nodes?.find((n) => n.name === m.name)?.certificatesEnd;
  return end !== undefined && endSoon(end, world.wall.now());
};

// Everything of it is gone but its vote. Where it was nobody knows, so the new one needs a zone.
const strayMember = async (
  world: Reads,
  x: Existing,
  name: string,
  zone: string | undefined,
): Promise<Master | undefined> => {
  const { members } = await etcdOf(world, x, name);
  if (!members.some((e) => e.name === name)) return undefined;
  if (zone !== undefined) return { name, zone };
  throw new OperatorError(
    'invalid-input',
    `Nothing is left of ${name} but its vote in etcd: in which zone shall another one be?`,
    {
      remedy: `Say: trizone master repair ${name} --zone Z`,
    },
  );
};

const placeSchema = v.object({ name: v.string(), zone: v.string() });
const repairSchema = v.object({
  cluster: v.string(),
  name: v.string(),
  zone: v.optional(v.string()),
  next: v.optional(placeSchema),
  was: v.optional(placeSchema),
});
const startSchema = v.object({ cluster: v.string(), name: v.string() });

/** The same verb again, from its journal; undefined for other verbs. */
export const prepareRepairAgain = (world: Reads, plan: PlanRecord, o: VerbOptions): Promise<Prepared> | undefined => {
  if (plan.verb === 'master-start') return prepareMasterStart(world, inputOf(plan, startSchema), o);
  if (plan.verb === 'master-repair') return prepareMasterRepair(world, inputOf(plan, repairSchema), o);
  return undefined;
};
