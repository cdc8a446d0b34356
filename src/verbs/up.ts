import * as v from 'valibot';
import type { PlanRecord, StoredRun } from '../engine/journalRecords.ts';
import { randomText } from '../lib/ids.ts';
import { message } from '../lib/message.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { clusterOf, clusterSpec, type Cluster, type ClusterInput, type ClusterSpec } from '../model/cluster.ts';
import type { DiskSpec } from '../model/machines.ts';
import { names } from '../model/names.ts';
import { list, textOption, zoneOption, zonesOption } from '../model/option.ts';
import { nodesOption, poolOptions } from '../model/poolOptions.ts';
import { masterWarnings } from '../model/quorum.ts';
import { narrowed } from '../steps/firewall.ts';
import { findRoot, takeInventory, wholeInventory, type Inventory, type Root } from '../steps/inventory.ts';
import type { Master } from '../steps/master.ts';
import { readStatus } from '../steps/status.ts';
import type { Reads } from '../steps/world.ts';
import { createCluster } from '../workflows/create.ts';
import { chooseReplicas, masterSchema } from './masterParts.ts';
import { forCluster, type Outcome, type Preparing, type Work } from './prepared.ts';
import { hasBegun, undoUp } from './undoUp.ts';
import { verb } from './verb.ts';

/** The request; the project is the connection's. */
interface Request extends Omit<ClusterInput, 'project' | 'zone'> {
  /** Default: the first of its zones. */
  readonly zone?: string | undefined;
  /** Its name, under the key that other verbs use. */
  readonly cluster?: string | undefined;
}

const requestOf = (world: Reads, { cluster, ...request }: Request): ClusterInput => {
  const zone = request.zone ?? request.zones?.[0];
  if (zone === undefined)
    throw invalid('No zone specified', 'Specify one, for example --zone europe-west1-b (or set TRIZONE_ZONE).');
  return { ...(cluster === undefined ? {} : { name: cluster }), ...request, project: world.cloud.project, zone };
};

// Earlier versions had another name for the nodes' disk.
type EarlierRequest = ClusterInput & { readonly nodeDisk?: DiskSpec };
const current = ({ nodeDisk, ...input }: EarlierRequest): ClusterInput =>
  nodeDisk === undefined ? input : { disk: nodeDisk, ...input };

const stored = v.object({
  wish: v.pipe(
    v.custom<EarlierRequest>((x) => typeof x === 'object' && x !== null),
    v.transform(current),
  ),
  uid: v.string(),
  created: v.string(),
  replicas: v.optional(v.array(masterSchema), []),
});
type Stored = v.InferOutput<typeof stored>;

/** The request, and a message about unspecified settings that are kept. */
interface Kept extends Stored {
  readonly keeps?: string;
}

// An existing cluster is completed: its root record identifies it.
const prepare = async (world: Reads, request: Request, options: Preparing): Promise<Work> => {
  const input = requestOf(world, request);
  const spec = clusterSpec(input);
  const root = await findRoot(world, spec.name);
  const uid = root?.record.uid ?? randomText(options.ids, 8);
  const has = await wholeInventory(world.cloud, { cluster: spec.name, uid }, spec.region);
  if (root !== undefined) checkSame(spec, root, has);
  const created = root?.record.created ?? new Date(world.wall.now()).toISOString();
  const replicas = await replicasOf(world, clusterOf(spec, uid), has, options);
  const kept = keepingAllow({ wish: input, uid, created, replicas }, has);
  return { ...workOf(world, kept, options), free: root === undefined };
};

const workOf = (world: Reads, { wish: input, uid, created, replicas, keeps }: Kept, { by }: Preparing): Work => {
  const spec = clusterSpec(input);
  return {
    ...forCluster(world, { ...spec, uid }),
    free: true,
    steps: createCluster(clusterOf(spec, uid), { created, by, replicas }),
    input: { wish: input, uid, created, replicas },
    warnings: [...masterWarnings(spec.zones.length), ...(keeps === undefined ? [] : [keeps])],
    outcome: (now) => isUp(now, spec.name),
  };
};

const isUp = async (world: Reads, cluster: string): Promise<Outcome> => {
  const endpoint = (await readStatus(world)).find((c) => c.name === cluster)?.endpoint;
  const next = 'To see it: trizone status   For kubectl: trizone kubeconfig --file FILE';
  return { lines: [`Cluster ${cluster} is up: ${endpoint ?? ''}   ${next}`], json: { endpoint } };
};

// If the API's allowlist is not specified, it is not widened: only an explicit 0.0.0.0/0 does that.
const keepingAllow = (input: Stored, has: Inventory): Kept => {
  const kept = narrowed(names(clusterSpec(input.wish).name), has.firewalls);
  if (input.wish.apiAllow !== undefined || kept === undefined) return input;
  const keeps = `The API stays open only to ${kept.join(', ')}. To open it to anyone, use --api-allow 0.0.0.0/0.`;
  return { ...input, wish: { ...input.wish, apiAllow: kept }, keeps };
};

// A master already in a zone counts as the requested one, finished or not.
const replicasOf = async (world: Reads, cluster: Cluster, has: Inventory, options: Preparing): Promise<Master[]> => {
  const zones = cluster.zones.slice(1);
  const there = zones.flatMap((zone) => has.masters.find((m) => m.zone === zone)?.name ?? []);
  const placed = has.masters.filter((m) => there.includes(m.name)).map((m) => ({ name: m.name, zone: m.zone ?? '' }));
  const missing = zones.filter((zone) => !placed.some((m) => m.zone === zone));
  const chosen = missing.length === 0 ? [] : await chooseReplicas(world, { cluster, has }, missing, options.ids);
  return zones.flatMap((zone) => [...placed, ...chosen].find((m) => m.zone === zone) ?? []);
};

// What cannot be changed on an existing cluster is rejected here, before a plan would attempt half of it.
const checkSame = (spec: ClusterSpec, root: Root, has: Inventory): void => {
  const refuse = (what: string, is: string, asked: string): never => {
    throw new OperatorError(
      'refused',
      `The cluster already exists with a different ${what}: ${is}, requested ${asked}`,
      {
        remedy: [
          toRun(
            `Use ${is}, choose another name with --cluster (KUBE_GCE_INSTANCE_PREFIX), or tear the cluster down first`,
            command`trizone down`,
          ),
        ],
      },
    );
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

// A removed first master cannot be created again: its cluster exists, so it would have to join.
const checkFirst = (name: string, has: Inventory): void => {
  const n = names(name);
  const own = [n.firstMaster, n.masterDisk(n.firstMaster)];
  const gone = ![...has.masters, ...has.disks].some((r) => own.includes(r.name));
  if (!gone || has.masters.length === 0) return;
  throw new OperatorError(
    'refused',
    `The cluster runs without its first master ${n.firstMaster}, which trizone up cannot re-create`,
    { remedy: toRun('Add a master instead', command`trizone replicate --zone Z`) },
  );
};

// Determined by the first master's instance or, if that could not be created (no capacity), by what was created for it:
// a second first zone next to the remains of the first is never intended.
const firstZone = (name: string, has: Inventory): string | undefined => {
  const n = names(name);
  return (
    has.masters.find((m) => m.name === n.firstMaster) ??
    has.disks.find((d) => d.name === n.masterDisk(n.firstMaster)) ??
    [...has.groups, ...has.pools][0]
  )?.zone;
};

// What this run created and was torn down since is not created again.
const again = async (
  world: Reads,
  input: Stored,
  options: Preparing,
  { run, cluster: name }: PlanRecord,
  runs: readonly StoredRun[],
): Promise<Work> => {
  const stored = runs.find((r) => r.plan.run === run);
  if (stored !== undefined && hasBegun(stored) && (await findRoot(world, name)) === undefined)
    throw new OperatorError('refused', `The cluster of this run has been torn down: ${run}`, {
      remedy: [
        toRun('To create a new cluster', command`trizone up`),
        toRun('To forget the run', command`trizone runs --forget ${run}`),
      ],
    });
  const has = await takeInventory(world.cloud, { cluster: name, uid: input.uid });
  return workOf(world, keepingAllow(input, has), options);
};

/** Creates a cluster, or completes an existing one. Its undo deletes what it created. */
export const up = verb({
  name: 'up',
  label: 'Create {0}',
  ...{ risky: false, probed: false, mayLackCluster: true },
  target: { on: 'cluster' },
  options: {
    zones: zonesOption('zones, each with a master and a node pool', 'the value of --zone'),
    zone: {
      ...zoneOption('zone of the first master', 'the first of --zones, or TRIZONE_ZONE'),
      env: { name: 'TRIZONE_ZONE', unless: 'zones' },
    },
    nodes: nodesOption,
    ...poolOptions,
    masterType: textOption('master-type', 'TYPE', 'machine type for the masters', 'e2-standard-2'),
    kubernetes: textOption('kubernetes', 'VERSION', 'Kubernetes version', 'the newest tested version'),
    subnetCidr: textOption('subnet-range', 'CIDR', 'address range for instances', '10.128.0.0/20'),
    podCidr: textOption('pod-range', 'CIDR', 'address range for pods', '10.64.0.0/14'),
    serviceCidr: textOption('service-range', 'CIDR', 'address range for Services', '10.0.0.0/16'),
    apiAllow: list('api-allow', 'CIDR,CIDR', 'ranges that can reach the API', 'anyone (0.0.0.0/0)'),
  },
  help: {
    words: 'up',
    group: 'Create and tear down',
    does: 'create a cluster in one or more zones, or complete an existing one',
    examples: [
      'trizone up --zone europe-west1-b',
      'trizone up --zones europe-west1-b,europe-west1-c,europe-west1-d --nodes 2',
    ],
    never: 'Never changes the region, ranges, or first zone of an existing cluster.',
  },
  palette: { command: 'cluster.create', title: 'Create Cluster…', icon: 'add', button: 'Create' },
  title: ({ name, cluster, zone = '', zones = [zone] }: Request) =>
    message('Create cluster {0} in {1}', name ?? cluster ?? 'kubernetes', zones.join(', ')),
  stored,
  prepare,
  again,
  undo: (world, run, input, o) => undoUp(world, { run, input, work: workOf(world, input, o) }, o),
});
