import * as v from 'valibot';
import type { CloudReader, Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/resources.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { linkName } from '../model/links.ts';
import { isOurs, markerOf, readRoot, type Marker, type RootRecord } from '../model/marker.ts';
import { masterAddressPattern, masterPattern, names, ownNames } from '../model/names.ts';
import { insistOn } from '../model/zones.ts';
import { madeLeftovers } from './madeLeftovers.ts';
import type { Master } from './master.ts';
import type { OwnKind, RemovableKind } from './resource.ts';
import type { Reads } from './world.ts';

/** A cluster that exists: its root record and where it is. */
export interface Root {
  readonly name: string;
  readonly region: string;
  readonly address: string;
  /** When Google made it, milliseconds since the epoch. */
  readonly created: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly record: RootRecord;
}

/** Everything of one cluster that exists in the cloud; the cloud is the state (invariant 3). */
export interface Inventory {
  readonly masters: readonly Resources['instances'][];
  readonly nodes: readonly Resources['instances'][];
  readonly pools: readonly Resources['instanceGroupManagers'][];
  readonly groups: readonly Resources['instanceGroups'][];
  readonly disks: readonly Resources['disks'][];
  readonly addresses: readonly Resources['addresses'][];
  readonly forwardingRules: readonly Resources['forwardingRules'][];
  readonly backendServices: readonly Resources['backendServices'][];
  readonly healthChecks: readonly Resources['healthChecks'][];
  readonly firewalls: readonly Resources['firewalls'][];
  readonly networks: readonly Resources['networks'][];
  readonly subnetworks: readonly Resources['subnetworks'][];
  readonly templates: readonly Resources['instanceTemplates'][];
  /** Zones of the project of which nobody knows what is in them: what is not listed may be there all the same. */
  readonly unreachable: readonly string[];
}

/** Root records of the project, found among its addresses. */
export const findRoots = async (cloud: CloudReader): Promise<Root[]> =>
  (await cloud.compute.list('addresses')).flatMap((a) => {
    const record = readRoot(a.description);
    if (record === undefined || a.region === undefined || a.name !== names(record.cluster).rootAddress) return [];
    return [
      { name: record.cluster, region: a.region, address: a.address, created: a.created, labels: a.labels, record },
    ];
  });

/**
 * The root record of a cluster's name: of the one cluster that the world is limited to (`world.only`), where it is. A name has one
 * cluster; should two have been made, none is guessed.
 */
export const findRoot = async ({ cloud, only = {} }: Reads, name: string): Promise<Root | undefined> => {
  const named = (await findRoots(cloud)).filter((r) => r.name === name);
  const found = named.filter(
    (r) => (only.region ?? r.region) === r.region && (only.uid ?? r.record.uid) === r.record.uid,
  );
  if (found.length > 1)
    throw new OperatorError(
      'refused',
      `Two clusters have this name: ${name}, in ${found.map((r) => r.region).join(' and ')}`,
      {
        remedy: `Say which one: --region ${found[0]?.region ?? ''}`,
      },
    );
  return found[0];
};

/** Reads the whole cluster, or fails: for whoever concludes from what is not there. */
export const wholeInventory = async (cloud: CloudReader, m: Marker, region: string): Promise<Inventory> => {
  const has = await takeInventory(cloud, m);
  insistOn(has.unreachable, region);
  return has;
};

/** Reads the cluster from the cloud, by marker and anchored name: 12 lists side by side. */
export const takeInventory = async (cloud: CloudReader, m: Marker): Promise<Inventory> => {
  const { compute } = cloud;
  const own = ownNames(m.cluster);
  const missing = new Set<string>();
  const ours = async <K extends keyof typeof own>(kind: K): Promise<Resources[K][]> => {
    const { items, unreachable } = await compute.survey(kind);
    for (const zone of unreachable) missing.add(zone);
    return items.filter((r) => isOurs(m, r, own[kind]));
  };
  const [instances, pools, groups, disks, addresses, forwardingRules, backendServices] = await Promise.all([
    ours('instances'),
    ours('instanceGroupManagers'),
    ours('instanceGroups'),
    ours('disks'),
    ours('addresses'),
    ours('forwardingRules'),
    ours('backendServices'),
  ]);
  const [healthChecks, firewalls, networks, subnetworks, templates] = await Promise.all([
    ours('healthChecks'),
    ours('firewalls'),
    ours('networks'),
    ours('subnetworks'),
    ours('instanceTemplates'),
  ]);
  const isMaster = masterPattern(m.cluster);
  const masters = instances.filter((i) => isMaster.test(i.name));
  const nodes = instances.filter((i) => !isMaster.test(i.name));
  return {
    masters,
    nodes,
    pools,
    groups,
    disks,
    addresses,
    forwardingRules,
    backendServices,
    healthChecks,
    firewalls,
    networks,
    subnetworks,
    templates,
    unreachable: [...missing].sort(),
  };
};

const partSchema = v.pipe(v.string(), v.parseJson(), v.object({ master: v.string(), zone: v.string() }));

/** Which master a part belongs to: every part names its machine and its zone, so that one is enough to find the others. */
export const masterOfPart = (r: { readonly description: string }): Master | undefined => {
  const parsed = v.safeParse(partSchema, r.description);
  return parsed.success ? { name: parsed.output.master, zone: parsed.output.zone } : undefined;
};

/** Masters in zones that cannot be reached, by their addresses: those are the region's. */
export const mastersOutOfReach = (
  m: Marker,
  addresses: readonly Resources['addresses'][],
  unreachable: readonly string[],
): Master[] =>
  addresses
    .filter((a) => isOurs(m, a, masterAddressPattern(m.cluster)))
    .flatMap((a) => masterOfPart(a) ?? [])
    .filter((master) => unreachable.includes(master.zone));

/** One thing that is left of a cluster. */
export interface Leftover {
  readonly kind: string;
  readonly name: string;
  readonly where: string;
  /** Cluster and uid by its marker; both empty for what Kubernetes made. */
  readonly cluster: string;
  readonly uid: string;
  /** Whose it was, in words. */
  readonly whose: string;
  /** What keeps costing money. */
  readonly billed: boolean;
}

const swept: readonly OwnKind[] = [
  'instances',
  'disks',
  'addresses',
  'forwardingRules',
  'backendServices',
  'healthChecks',
  'instanceGroups',
  'instanceGroupManagers',
  'instanceTemplates',
  'firewalls',
  'subnetworks',
  'networks',
];
const billedKinds: readonly string[] = ['instances', 'disks', 'addresses', 'forwardingRules'];

/**
 * Everything that carries a marker of Trizone without a root record of the same uid: what an interrupted or foreign-handed
 * tear down left; and what Kubernetes made and nothing uses any more. Only listed, never deleted.
 */
export const findLeftovers = async (cloud: CloudReader): Promise<Leftover[]> => {
  const living = new Set((await findRoots(cloud)).map((r) => r.record.uid));
  const [compute, secrets, accounts, made] = await Promise.all([
    Promise.all(swept.map(async (kind) => (await cloud.compute.list(kind)).map((r) => ({ ...r, kind })))),
    cloud.services.secrets(),
    cloud.services.serviceAccounts(),
    madeLeftovers(cloud, living),
  ]);
  const all = [
    ...compute
      .flat()
      .map((r) => ({ kind: r.kind, name: r.name, where: r.zone ?? r.region ?? 'global', marker: markerOf(r) })),
    ...secrets.map((s) => ({ kind: 'secrets', name: linkName(s.name), where: 'global', marker: markerOf(s) })),
    ...accounts.map((a) => ({ kind: 'serviceAccounts', name: a.email, where: 'global', marker: markerOf(a) })),
  ];
  const marked = all.flatMap(({ marker, ...rest }) => {
    if (marker === undefined || living.has(marker.uid)) return [];
    const whose = `${marker.cluster}, uid ${marker.uid}`;
    return [{ ...rest, ...marker, whose, billed: billedKinds.includes(rest.kind) }];
  });
  return [...marked, ...made];
};

/** A resource's reference, for the steps that act on it. */
export const refOf = <K extends RemovableKind>(
  kind: K,
  r: { name: string; zone?: string | undefined; region?: string | undefined },
): Ref<K> => ({
  kind,
  name: r.name,
  ...(r.zone === undefined ? {} : { zone: r.zone }),
  ...(r.region === undefined ? {} : { region: r.region }),
});
