import * as v from 'valibot';
import type { CloudReader, Ref } from '../gce/cloud.ts';
import { kinds, ownKinds, type OwnKind, type RemovableKind, type Resources } from '../gce/kinds.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { linkName } from '../model/links.ts';
import { isOurs, markerOf, readRoot, type Marker, type RootRecord } from '../model/marker.ts';
import { masterAddressPattern, masterPattern, names } from '../model/names.ts';
import { insistOn } from '../model/zones.ts';
import { leftoverOf, type Leftover } from './leftover.ts';
import { kubernetesLeftovers } from './kubernetesLeftovers.ts';
import type { Master } from './master.ts';
import type { Reads } from './world.ts';

/** An existing cluster: its root record and location. */
export interface Root {
  readonly name: string;
  readonly region: string;
  readonly address: string;
  /** When Google created the address, milliseconds since the epoch. */
  readonly created: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly record: RootRecord;
}

/** A cluster's resources, by kind. */
export type OwnResources = { readonly [K in OwnKind]: readonly Resources[K][] };

/** Everything of one cluster that exists in the cloud; the cloud is the state (invariant 3). */
export interface Inventory extends OwnResources {
  readonly masters: readonly Resources['instances'][];
  readonly nodes: readonly Resources['instances'][];
  readonly pools: readonly Resources['instanceGroupManagers'][];
  readonly groups: readonly Resources['instanceGroups'][];
  readonly templates: readonly Resources['instanceTemplates'][];
  /** Unreachable zones of the project: an unlisted resource may still exist there. */
  readonly unreachable: readonly string[];
}

/** The project's root records, found among its addresses. */
export const findRoots = async (cloud: CloudReader): Promise<Root[]> =>
  (await cloud.compute.list('addresses')).flatMap((address) => {
    const record = readRoot(address.description);
    if (record === undefined || address.region === undefined || address.name !== names(record.cluster).rootAddress)
      return [];
    return [
      {
        name: record.cluster,
        region: address.region,
        address: address.address,
        created: address.created,
        labels: address.labels,
        record,
      },
    ];
  });

/**
 * The root record of a cluster's name, restricted to the cluster that the world is limited to (`world.only`), if it is.
 * Names are unique; if two clusters have the same one, it fails rather than guess.
 */
export const findRoot = async ({ cloud, only = {} }: Reads, name: string): Promise<Root | undefined> => {
  const named = (await findRoots(cloud)).filter((r) => r.name === name);
  const found = named.filter(
    (r) => (only.region ?? r.region) === r.region && (only.uid ?? r.record.uid) === r.record.uid,
  );
  if (found.length > 1)
    throw new OperatorError(
      'refused',
      `More than one cluster has this name: ${name}, in ${found.map((r) => r.region).join(' and ')}`,
      {
        remedy: `Choose one with --region, for example --region ${found[0]?.region ?? ''}`,
      },
    );
  return found[0];
};

/** Reads the whole cluster or fails: for callers that conclude something from absence. */
export const wholeInventory = async (cloud: CloudReader, owner: Marker, region: string): Promise<Inventory> => {
  const has = await takeInventory(cloud, owner);
  insistOn(has.unreachable, region);
  return has;
};

/** Reads the cluster from the cloud, by marker and anchored name: one list per kind, in parallel. */
export const takeInventory = async (cloud: CloudReader, owner: Marker): Promise<Inventory> => {
  const lists = await Promise.all(ownKinds.map((kind) => ownOf(cloud, owner, kind)));
  const own = Object.fromEntries(lists.map(({ kind, items }) => [kind, items])) as unknown as OwnResources;
  const isMaster = masterPattern(owner.cluster);
  return {
    ...own,
    masters: own.instances.filter((i) => isMaster.test(i.name)),
    nodes: own.instances.filter((i) => !isMaster.test(i.name)),
    pools: own.instanceGroupManagers,
    groups: own.instanceGroups,
    templates: own.instanceTemplates,
    unreachable: [...new Set(lists.flatMap((l) => l.unreachable))].sort(),
  };
};

const ownOf = async (cloud: CloudReader, owner: Marker, kind: OwnKind) => {
  const { items, unreachable } = await cloud.compute.survey(kind);
  const pattern = kinds[kind].owns(owner.cluster);
  return { kind, items: items.filter((r) => isOurs(owner, r, pattern)), unreachable };
};

const partSchema = v.pipe(v.string(), v.parseJson(), v.object({ master: v.string(), zone: v.string() }));

/** The master that a part belongs to: every part records its master and zone, so that one is enough to find the others. */
export const masterOfPart = (resource: { readonly description: string }): Master | undefined => {
  const parsed = v.safeParse(partSchema, resource.description);
  return parsed.success ? { name: parsed.output.master, zone: parsed.output.zone } : undefined;
};

/** Masters in unreachable zones, found by their addresses, which are regional. */
export const mastersOutOfReach = (
  owner: Marker,
  addresses: readonly Resources['addresses'][],
  unreachable: readonly string[],
): Master[] =>
  addresses
    .filter((a) => isOurs(owner, a, masterAddressPattern(owner.cluster)))
    .flatMap((a) => masterOfPart(a) ?? [])
    .filter((master) => unreachable.includes(master.zone));

/**
 * Everything with a Trizone marker but no root record of the same uid (left by an interrupted or external teardown),
 * and what Kubernetes created and nothing uses anymore. Billed resources come first. Only listed, never deleted.
 */
export const findLeftovers = async (cloud: CloudReader): Promise<Leftover[]> => {
  const live = new Set((await findRoots(cloud)).map((r) => r.record.uid));
  const [compute, secrets, accounts, made] = await Promise.all([
    Promise.all(ownKinds.map((kind) => markedOf(cloud, kind))),
    cloud.services.secrets(),
    cloud.services.serviceAccounts(),
    kubernetesLeftovers(cloud, live),
  ]);
  const free = { where: 'global', billed: false };
  const all = [
    ...compute.flat().toSorted((a, b) => Number(b.billed) - Number(a.billed)),
    ...secrets.map((secret) => ({
      ...{ kind: 'secrets', noun: 'secret', name: linkName(secret.name), ...free },
      marker: markerOf(secret),
    })),
    ...accounts.map((address) => ({
      ...{ kind: 'serviceAccounts', noun: 'service account', name: address.email, ...free },
      marker: markerOf(address),
    })),
  ];
  const marked = all.flatMap(({ marker, ...rest }): Leftover[] => {
    if (marker === undefined || live.has(marker.uid)) return [];
    return [{ ...rest, ...marker, whose: `${marker.cluster}, uid ${marker.uid}` }];
  });
  return [...marked, ...made];
};

const markedOf = async (cloud: CloudReader, kind: OwnKind) =>
  (await cloud.compute.list(kind)).map((r) => ({ ...leftoverOf(kind, r), marker: markerOf(r) }));

/** A resource's reference, for steps that act on it. */
export const refOf = <K extends RemovableKind>(
  kind: K,
  resource: { name: string; zone?: string | undefined; region?: string | undefined },
): Ref<K> => ({
  kind,
  name: resource.name,
  ...(resource.zone === undefined ? {} : { zone: resource.zone }),
  ...(resource.region === undefined ? {} : { region: resource.region }),
});
