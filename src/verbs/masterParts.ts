import * as v from 'valibot';
import { randomText, type Ids } from '../lib/ids.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { masterSuffix } from '../model/names.ts';
import { quorum } from '../model/quorum.ts';
import { memberOf } from '../model/etcdRules.ts';
import { readEtcd, type Member } from '../steps/etcd.ts';
import { ifAnswers } from '../steps/kubernetesApi.ts';
import { mastersOf, type Existing } from '../steps/existing.ts';
import { unfinishedReplicas } from '../steps/unfinishedReplicas.ts';
import { mastersOutOfReach } from '../steps/inventory.ts';
import type { Master } from '../steps/master.ts';
import type { After, CloudStep, Reads } from '../steps/world.ts';
import { masterGoes, type Leaving } from '../workflows/masters.ts';
import type { Returning } from '../workflows/repair.ts';

/** A master, by name. */
export interface MasterRequest {
  readonly cluster: string;
  readonly name: string;
}

/** A master, as stored in journals. */
export const masterSchema = v.object({ name: v.string(), zone: v.string() });

/** A name for a new master: kube-up's three characters of [0-9a-z]; never one that is or was used in this cluster. */
export const freshMaster = (
  existing: Pick<Existing, 'cluster' | 'has'>,
  ids: Ids,
  taken: readonly string[],
): string => {
  const { names: n } = existing.cluster;
  const used = new Set([
    ...taken,
    ...existing.has.masters.map((m) => n.masterDisk(m.name)),
    ...existing.has.disks.map((d) => d.name),
  ]);
  for (;;) {
    const name = `${n.firstMaster}-${randomText(ids, masterSuffix.length, masterSuffix.alphabet)}`;
    if (!used.has(name) && !used.has(n.masterDisk(name))) return name;
  }
};

/** One replica per zone: an unfinished one of ours is completed, otherwise a new name is chosen, once. */
export const chooseReplicas = async (
  world: Reads,
  existing: Pick<Existing, 'cluster' | 'has'>,
  zones: readonly string[],
  ids: Ids,
): Promise<Master[]> => {
  const half = await unfinishedReplicas(world, existing);
  const chosen: Master[] = [];
  for (const zone of zones) {
    const found = half.find((m) => m.zone === zone && !chosen.some((c) => c.name === m.name));
    const taken = [...half, ...chosen].map((m) => m.name);
    chosen.push(found ?? { name: freshMaster(existing, ids, taken), zone });
  }
  return chosen;
};

/** A master as an etcd member: before joining it has no name there, but its reserved address determines its peer URL. */
export const memberIn = (existing: Existing, master: Master): Member => ({
  ...master,
  ip: existing.has.addresses.find((a) => a.name === existing.cluster.names.masterAddress(master.name))?.address,
});

/** The error that the cluster has no master of that name. */
export const noMaster = (existing: Existing, name: string): OperatorError => {
  const all = mastersOf(existing.has).map((m) => m.name);
  return new OperatorError('not-found', `Master not found: ${name}`, {
    remedy: `Masters of the cluster: ${all.join(', ')}`,
  });
};

/** A master of a cluster, and the others. */
export const masterOf = (existing: Existing, name: string): Returning => {
  const all = mastersOf(existing.has);
  const m = all.find((other) => other.name === name);
  if (m === undefined) throw noMaster(existing, name);
  return { master: memberIn(existing, m), others: all.map((o) => o.name).filter((o) => o !== name) };
};

/**
 * Refuses to wait for a vote that cannot come: another run has started to remove this master. If etcd cannot be
 * queried, only waiting can tell.
 */
export const checkMember = async (world: Reads, existing: Existing, { master, others }: Returning): Promise<void> => {
  const etcd = await ifAnswers(() =>
    readEtcd(world, { names: existing.cluster.names, through: [...others, master.name] }),
  );
  if (etcd === undefined || memberOf(master, etcd) !== undefined) return;
  throw new OperatorError('refused', `${master.name} is no longer an etcd member: its removal has started`, {
    remedy: toRun('To finish its removal', command`trizone master remove ${master.name}`),
  });
};

/** A master's zone, from whatever is left of it. */
export const placeOf = async (world: Reads, existing: Existing, name: string): Promise<Master | undefined> =>
  [
    ...mastersOf(existing.has),
    ...mastersOutOfReach(existing.cluster, existing.has.addresses, existing.has.unreachable),
  ].find((m) => m.name === name) ?? (await unfinishedReplicas(world, existing)).find((m) => m.name === name);

/** A master to be removed: which masters remain, and whether its zone will be empty. */
export const leavingOf = (existing: Existing, master: Master, gone: readonly string[] = []): Leaving => {
  const stay = mastersOf(existing.has).filter((other) => other.name !== master.name && !gone.includes(other.name));
  return {
    master: memberIn(existing, master),
    others: stay.map((s) => s.name),
    lastInZone: !stay.some((s) => s.zone === master.zone),
  };
};

/** The error that removing this master would leave none. */
export const lastMaster = (name: string): OperatorError =>
  new OperatorError('refused', `${name} is the last master (quorum ${quorum(1)} of 1)`, {
    remedy: toRun('Tear the cluster down instead', command`trizone down`),
  });

/** Steps that remove several masters, one after the other (invariant 6); removing the last one is refused. */
export const mastersGo = (existing: Existing, masters: readonly Master[], after: After): CloudStep[] => {
  const steps: CloudStep[] = [];
  const gone: string[] = [];
  for (const m of masters) {
    const leaving = leavingOf(existing, m, gone);
    if (leaving.others.length === 0) throw lastMaster(m.name);
    steps.push(...masterGoes(existing.cluster, leaving, [...after, ...steps]));
    gone.push(m.name);
  }
  return steps;
};
