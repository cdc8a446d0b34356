import type { CloudReader } from '../gce/cloud.ts';
import type { Resources } from '../gce/kinds.ts';
import type { CloudUsers } from '../kube/kubernetes.ts';
import { balancerOf, checkOf, claimOf, isMadeFirewall, serviceOf } from '../model/madeByKubernetes.ts';
import { isOurs, type Marker } from '../model/marker.ts';
import type { Inventory } from './inventory.ts';

/** What Kubernetes created in the cloud for one cluster. */
export interface Made {
  readonly forwardingRules: readonly Resources['forwardingRules'][];
  readonly targetPools: readonly Resources['targetPools'][];
  readonly httpHealthChecks: readonly Resources['httpHealthChecks'][];
  readonly firewalls: readonly Resources['firewalls'][];
  readonly disks: readonly Resources['disks'][];
}

/**
 * What Kubernetes created has no marker of ours. It belongs to this cluster only if it is attached to a network with
 * our marker (firewalls, and what has the names in theirs), or refers to marked machines (target pools, attached
 * disks); a disk also if the cluster's own API lists it (`users`) or an earlier run has marked it. Anything else is
 * left alone.
 */
export const findMade = async (
  cloud: CloudReader,
  owner: Marker & { readonly region: string },
  has: Inventory,
  users: CloudUsers | undefined,
): Promise<Made> => {
  const { compute } = cloud;
  const [walls, pools, rules, checks, disks] = await Promise.all([
    compute.list('firewalls'),
    compute.list('targetPools', owner.region),
    compute.list('forwardingRules', owner.region),
    compute.list('httpHealthChecks'),
    compute.list('disks', owner.region),
  ]);
  const networks = new Set(has.networks.map((n) => n.selfLink));
  const machines = new Set([...has.masters, ...has.nodes].map((i) => i.selfLink));
  const firewalls = walls.filter((f) => networks.has(f.network) && isMadeFirewall(f));
  const balancers = new Set(firewalls.flatMap((f) => balancerOf(f.name) ?? []));
  const isNamed = (pool: Resources['targetPools']): boolean =>
    serviceOf(pool) !== undefined && (balancers.has(pool.name) || pool.instances.some((i) => machines.has(i)));
  const named = pools.filter(isNamed);
  const others = named.length === 0 ? new Set<string>() : await foreign(cloud, machines, owner.region);
  const targetPools = named.filter((p) => !p.instances.some((i) => others.has(i)));
  const [own, all] = [targetPools, pools].map((some) => new Set(some.map((p) => p.selfLink)));
  const forwardingRules = rules.filter(
    (rule) =>
      serviceOf(rule) !== undefined &&
      (own?.has(rule.target) === true ||
        networks.has(rule.network) ||
        (balancers.has(rule.name) && all?.has(rule.target) === false)),
  );
  const checked = new Set([...firewalls.flatMap((f) => checkOf(f.name) ?? []), ...targetPools.flatMap(checkNames)]);
  const elsewhere = new Set(pools.filter((p) => own?.has(p.selfLink) === false).flatMap(checkNames));
  return {
    forwardingRules,
    targetPools,
    httpHealthChecks: checks.filter((c) => checked.has(c.name) && !elsewhere.has(c.name)),
    firewalls,
    disks: disks.filter((d) => isOurDisk(d, owner, machines, users)),
  };
};

const checkNames = (pool: Resources['targetPools']): string[] =>
  pool.healthChecks.map((link) => link.slice(link.lastIndexOf('/') + 1));

// Existing machines that are not ours: a pool with one of them is not ours, whatever its name.
const foreign = async (
  { compute }: CloudReader,
  ours: ReadonlySet<string>,
  region: string,
): Promise<ReadonlySet<string>> =>
  new Set((await compute.list('instances', region)).map((i) => i.selfLink).filter((i) => !ours.has(i)));

const isOurDisk = (
  disk: Resources['disks'],
  owner: Marker,
  machines: ReadonlySet<string>,
  users: CloudUsers | undefined,
): boolean => {
  const claim = claimOf(disk);
  const volume = users?.volumes.find((x) => x.disk === disk.name);
  if (claim === undefined || volume?.goes === false || disk.users.some((u) => !machines.has(u))) return false;
  // If the API responds, it knows best which disks are its own.
  const isNamed = users === undefined ? disk.users.length > 0 : volume !== undefined;
  return isNamed || isOurs(owner, disk, /^pvc-/);
};

/** Warnings before the confirmation: which data will be lost, and what stays because it is meant to be kept. */
export const madeWarnings = (made: Made, users: CloudUsers | undefined): string[] => [
  ...made.disks.map(
    (d) => `The data of claim ${claimOf(d) ?? ''} will be lost: disk ${d.name} in ${d.zone ?? ''} will be deleted.`,
  ),
  ...(users?.volumes ?? [])
    .filter((x) => !x.goes && x.disk !== '')
    .map(
      (volume) =>
        `Disk ${volume.disk} of claim ${volume.claim} is kept because its volume has the Retain policy. It continues to be billed.`,
    ),
];
