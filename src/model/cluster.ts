import { invalid } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { checkPrivate, machinesIn, overlaps, parseCidr } from './cidr.ts';
import { checkDisk, checkMachineType, usualDisk, type DiskSpec } from './machines.ts';
import type { Marker } from './marker.ts';
import { checkName, defaultPool, names, type Names } from './names.ts';
import { poolSettings, type PoolRequested, type PoolSettings } from './poolOptions.ts';
import { maxMasters } from './quorum.ts';
import { defaultKubernetes, versionsFor, type Versions } from './versions.ts';
import { checkZones } from './zones.ts';

/**
 * A cluster as requested; everything else has a default. The editor, the command line, and kube-up's variables share
 * these checks.
 */
export interface ClusterInput extends PoolRequested {
  readonly name?: string;
  readonly project: string;
  /** First zone; kube-up's KUBE_GCE_ZONE in the first call. */
  readonly zone: string;
  /** All zones that get a master and a pool in one plan, including the first; default: the first zone only. */
  readonly zones?: readonly string[];
  readonly nodes?: number;
  readonly masterType?: string;
  readonly masterDisk?: DiskSpec;
  readonly kubernetes?: string;
  readonly subnetCidr?: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  /** Ranges that may reach the API; empty = any, as in the article's cluster. */
  readonly apiAllow?: readonly string[];
}

/** A node pool apart from its zone. */
export interface PoolShape extends PoolSettings {
  readonly name: string;
  readonly nodes: number;
}

/** One node pool; several zones can have a pool of the same name, as with kube-up's `minion-group`. */
export interface PoolSpec extends PoolShape {
  readonly zone: string;
}

/** A validated request: workflows are built from it. */
export interface ClusterSpec {
  readonly name: string;
  readonly project: string;
  readonly region: string;
  /** Zone of the first master. */
  readonly zone: string;
  /** Zones with a master, the first one first. */
  readonly zones: readonly string[];
  /** Settings for a pool of this cluster unless it overrides them. */
  readonly pool: PoolShape;
  readonly pools: readonly PoolSpec[];
  readonly master: { readonly machineType: string; readonly disk: DiskSpec };
  readonly versions: Versions;
  readonly subnetCidr: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly apiAllow: readonly string[];
}

/** A cluster with its identity: the spec plus the uid that all its resources carry. */
export interface Cluster extends ClusterSpec, Marker {
  readonly names: Names;
}

/**
 * Validates a request and fills in defaults: those of late kube-up (config-default.sh) where today's cloud still
 * supports them.
 */
export const clusterSpec = (input: ClusterInput): ClusterSpec => {
  const name = checkName('Cluster', input.name ?? 'kubernetes');
  const zones = checkMasterZones(input.zones ?? [input.zone], input.zone);
  const nodes = checkNodes(input.nodes ?? 3);
  const pool: PoolShape = {
    name: defaultPool,
    nodes,
    ...poolSettings(input),
  };
  const spec: ClusterSpec = {
    name,
    project: checkProject(input.project),
    region: checkZones(zones),
    zone: input.zone,
    zones,
    pool,
    pools: zones.map((zone) => ({ ...pool, zone })),
    master: {
      machineType: checkMachineType(input.masterType ?? 'e2-standard-2'),
      disk: checkDisk('Master disk', input.masterDisk ?? usualDisk.master),
    },
    versions: versionsFor(input.kubernetes ?? defaultKubernetes),
    subnetCidr: input.subnetCidr ?? '10.128.0.0/20',
    podCidr: input.podCidr ?? '10.64.0.0/14',
    serviceCidr: input.serviceCidr ?? '10.0.0.0/16',
    apiAllow: (input.apiAllow ?? []).map((c) => (parseCidr(c), c)),
  };
  checkRanges(spec);
  return spec;
};

// etcd recommends at most seven members; more than five masters slow down every write without useful extra fault
// tolerance.
const checkMasterZones = (zones: readonly string[], first: string): readonly string[] => {
  if (zones[0] !== first)
    throw invalid(`--zone must be the first of --zones: ${first}, ${zones.join(',')}`, `Use --zones ${first},…`);
  checkZones(zones);
  if (zones.length > maxMasters)
    throw invalid(
      `A cluster can have at most ${maxMasters} masters, but ${zones.length} zones were given`,
      'Three zones tolerate the loss of one.',
    );
  return zones;
};

/** Builds a cluster from its spec and uid. */
export const clusterOf = (spec: ClusterSpec, uid: string): Cluster => ({
  ...spec,
  cluster: spec.name,
  uid,
  names: names(spec.name),
});

/** 0–1000 nodes per pool: kube-up's upper bound was its master size table; ours is what one zone's group is tested with. */
export const checkNodes = (nodes: number): number => {
  if (!Number.isInteger(nodes) || nodes < 0 || nodes > 1000) {
    throw invalid(`Nodes must be a whole number from 0 to 1000: ${nodes}`, 'For example: 3');
  }
  return nodes;
};

/** Google's rule for project IDs (6–30 characters), including the domain-scoped form `domain.com:id`. */
export const checkProject = (project: string): string => {
  if (!/^([a-z0-9.-]+:)?[a-z][-a-z0-9]{2,28}[a-z0-9]$/.test(project)) {
    throw invalid(
      `Invalid project ID, expected 6 to 30 lowercase letters, digits, or hyphens: "${project}"`,
      toRun('See', command`gcloud projects list`),
    );
  }
  return project;
};

/** kubeadm requires at least 10 bits for Service addresses; 20 bits is the API server's limit. */
const serviceBits = { least: 10, most: 20 };

const checkRanges = (spec: ClusterSpec): void => {
  const ranges = [
    ['Subnet range', checkPrivate('Subnet range', spec.subnetCidr)],
    ['Pod range', checkPrivate('Pod range', spec.podCidr)],
    ['Service range', checkPrivate('Service range', spec.serviceCidr)],
  ] as const;
  for (const [a, ra] of ranges) {
    for (const [b, rb] of ranges) {
      if (a < b && overlaps(ra, rb))
        throw invalid(
          `${a} and ${b} overlap: ${spec.subnetCidr}, ${spec.podCidr}, ${spec.serviceCidr}`,
          'Choose ranges that do not overlap.',
        );
    }
  }
  checkPodRoom(spec.podCidr, spec.pools);
  if (ranges[0][1].prefix > 29)
    throw invalid(`Subnet range is too small, the minimum is /29: ${spec.subnetCidr}`, 'For example: 10.128.0.0/20');
  const bits = 32 - ranges[2][1].prefix;
  if (bits < serviceBits.least || bits > serviceBits.most) {
    throw invalid(`Service range must be /12 to /22: ${spec.serviceCidr}`, 'For example: 10.0.0.0/16');
  }
};

/** Every machine takes a /24 of the pod range, which cannot grow later: it must hold all pools and five masters. */
export const checkPodRoom = (podCidr: string, pools: readonly { readonly nodes: number }[]): void => {
  const nodes = pools.reduce((sum, p) => sum + p.nodes, 0);
  const machines = nodes + maxMasters;
  const room = machinesIn(parseCidr(podCidr));
  if (room >= machines) return;
  throw invalid(
    `Pod range is too small: ${podCidr} has room for ${room} nodes with a /24 each, but ${nodes} nodes and up to ${maxMasters} masters need ${machines}`,
    `Use a range of at least /${24 - Math.ceil(Math.log2(machines))}.`,
  );
};
