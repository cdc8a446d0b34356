import { message, type Message } from '../lib/message.ts';
import { knownFacts, type StepId } from '../engine/step.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun, toVisit } from '../lib/remedy.ts';
import type { Cluster, PoolSpec } from '../model/cluster.ts';
import { markerOf, readRoot } from '../model/marker.ts';
import { machinePattern, names } from '../model/names.ts';
import { knownAll, type After, type CloudStep, type Reads } from './world.ts';

/** A check before the first write: returns its output, or a refusal with the exact remedy. */
export interface Verify<Out> {
  readonly id: StepId;
  readonly title: Message;
  readonly after: After;
  look(world: Reads): Promise<Out | OperatorError>;
}

/** A step that only reads: yields its output or a refusal. */
export const verify = <Out>(question: Verify<Out>): CloudStep<Out, Out | OperatorError> => ({
  id: question.id,
  title: question.title,
  after: question.after,
  timeoutMs: 300_000,
  expectedMs: 0,
  observe: (ctx) => question.look(ctx.world),
  decide: (seen) => {
    const found = knownFacts(seen);
    return found instanceof OperatorError ? { do: 'refuse', error: found } : { do: 'nothing', out: found };
  },
  perform: () => Promise.reject(new OperatorError('internal', `A check has nothing to apply: ${question.id}`)),
});

/**
 * A check that is repeated during the run even if it passed in the plan: under the lease, no other run can change the
 * answer. It counts as housekeeping, never as a change.
 */
export const guard = (query: {
  readonly id: StepId;
  readonly title: Message;
  readonly after: After;
  look(world: Reads): Promise<OperatorError | undefined>;
}): CloudStep<void, OperatorError | undefined> => ({
  id: query.id,
  title: query.title,
  after: query.after,
  housekeeping: true,
  timeoutMs: 300_000,
  expectedMs: 0,
  observe: (ctx) => {
    knownAll(ctx, query.after);
    return query.look(ctx.world);
  },
  decide: (seen) => (seen.known && seen.facts !== undefined ? { do: 'refuse', error: seen.facts } : { do: 'hold' }),
  perform: () => Promise.resolve(),
});

const apis = [
  'compute.googleapis.com',
  'secretmanager.googleapis.com',
  'iam.googleapis.com',
  'cloudresourcemanager.googleapis.com',
];

/**
 * Whether the caller is signed in and the needed APIs are enabled. A missing sign-in surfaces here, as the error of the
 * first request.
 */
export const checkApis = (project: string): CloudStep<void> =>
  verify({
    id: `check:apis`,
    title: message('APIs are enabled'),
    after: [],
    look: async ({ cloud }) => {
      const on = await cloud.services.enabledServices(apis);
      const off = apis.filter((a) => !on.includes(a));
      if (off.length === 0) return;
      return new OperatorError('api-disabled', `APIs are not enabled in ${project}: ${off.join(', ')}`, {
        remedy: toRun('', command`gcloud services enable ${off} --project=${project}`),
      });
    },
  });

// The permissions that create and teardown need, according to the API reference's "IAM permissions" lines.
const permissions = [
  'compute.addresses.create',
  'compute.backendServices.create',
  'compute.disks.create',
  'compute.disks.setLabels',
  'compute.firewalls.create',
  'compute.forwardingRules.create',
  'compute.healthChecks.create',
  'compute.httpHealthChecks.delete',
  'compute.httpHealthChecks.list',
  'compute.instanceGroupManagers.create',
  'compute.instanceGroups.update',
  'compute.instances.create',
  'compute.instances.setDeletionProtection',
  'compute.instanceTemplates.create',
  'compute.networks.create',
  'compute.subnetworks.create',
  'compute.targetPools.delete',
  'compute.targetPools.list',
  'iam.serviceAccounts.actAs',
  'iam.serviceAccounts.create',
  'resourcemanager.projects.setIamPolicy',
  'secretmanager.secrets.create',
  'secretmanager.secrets.setIamPolicy',
  'secretmanager.versions.access',
];

/** Whether the caller has the permissions that the plan needs. */
export const checkPermissions = (project: string, after: After): CloudStep<void> =>
  verify({
    id: 'check:permissions',
    title: message('Permissions are sufficient'),
    after,
    look: async ({ cloud }) => {
      const granted = await cloud.services.permissions(permissions);
      const missing = permissions.filter((p) => !granted.includes(p));
      if (missing.length === 0) return;
      return new OperatorError('permission', `Permissions are missing on ${project}: ${missing.join(', ')}`, {
        remedy:
          'Ask a project owner for roles/compute.admin, roles/secretmanager.admin, roles/iam.serviceAccountAdmin, roles/iam.serviceAccountUser, and roles/resourcemanager.projectIamAdmin.',
      });
    },
  });

/** Whether the zone exists and is UP. */
export const checkZone = (zone: string, after: After): CloudStep<void> =>
  verify({
    id: `check:zone-${zone}`,
    title: message('Zone {0} is up', zone),
    after,
    look: async ({ cloud }) => {
      const found = await cloud.compute.get({ kind: 'zones', name: zone });
      if (found === undefined) {
        const all = await cloud.compute.list('zones');
        const near = all.map((z) => z.name).filter((z) => z.slice(0, -2) === zone.slice(0, -2));
        return new OperatorError('invalid-input', `Zone not found: ${zone}`, {
          remedy:
            near.length > 0
              ? `Zones in that region: ${near.join(', ')}`
              : toRun('See', command`gcloud compute zones list`),
        });
      }
      if (found.status === 'UP') return;
      return new OperatorError('refused', `Zone is not UP: ${zone} is ${found.status}`, {
        retry: 'later',
        remedy: 'Choose another zone.',
      });
    },
  });

/** The machines that a plan creates; existing ones are not counted twice. */
export interface WantedMachines {
  readonly masters: readonly { readonly name: string; readonly zone: string }[];
  readonly pools: readonly PoolSpec[];
}

/** Whether the machine types exist in their zones; outputs their CPU counts, for the quota check. */
export const checkMachineTypes = (
  cluster: Cluster,
  machines: WantedMachines,
  after: After,
): CloudStep<ReadonlyMap<string, number>> =>
  verify({
    id: 'check:machine-types',
    title: message('Machine types exist'),
    after,
    look: async ({ cloud }) => {
      const cpus = new Map<string, number>();
      const wanted = [
        ...machines.masters.map((m) => [cluster.master.machineType, m.zone] as const),
        ...machines.pools.map((p) => [p.machineType, p.zone] as const),
      ];
      for (const [type, zone] of new Map(wanted.map((pair) => [pair.join(), pair])).values()) {
        const found = await cloud.compute.get({ kind: 'machineTypes', name: type, zone });
        if (found === undefined) {
          return new OperatorError('invalid-input', `Machine type not found in ${zone}: ${type}`, {
            remedy: [
              toRun('See', command`gcloud compute machine-types list --zones=${zone}`),
              { text: 'For example: e2-standard-2' },
            ],
          });
        }
        cpus.set(type, found.guestCpus);
      }
      return cpus;
    },
  });

/** Project and family of the boot image; resolved to one image, which the plan pins. */
export const imageFamily = { project: 'ubuntu-os-cloud', family: 'ubuntu-2404-lts-amd64' } as const;

/** The latest image of the family; its output is the link that all machines of this plan boot from. */
export const resolveImage = (after: After): CloudStep<string> =>
  verify({
    id: 'check:image',
    title: message('Boot image is available'),
    after,
    look: async ({ cloud }) => (await cloud.compute.imageOfFamily(imageFamily.project, imageFamily.family)).selfLink,
  });

/** Whether the cluster's name is unique in its project: network, secrets, and accounts are project-wide. */
export const checkNameFree = (cluster: Cluster, after: After): CloudStep<void> =>
  verify({
    id: `check:name-${cluster.name}`,
    title: message('Cluster name is available'),
    after,
    look: async ({ cloud }) => {
      const roots = (await cloud.compute.list('addresses')).filter((a) => a.name === cluster.names.rootAddress);
      const other = roots.find((a) => readRoot(a.description)?.uid !== cluster.uid);
      if (other === undefined) return;
      return takenError(cluster.name, other.region ?? 'global');
    },
  });

/** The error that another cluster of the project has the name. */
export const takenError = (name: string, where: string): OperatorError =>
  new OperatorError(
    'foreign',
    `The cluster name is already in use in this project: ${name} (address ${names(name).rootAddress} in ${where})`,
    { remedy: 'Choose another name with --cluster (KUBE_GCE_INSTANCE_PREFIX).' },
  );

type Quotas = readonly { readonly metric: string; readonly limit: number; readonly usage: number }[];

// The API's own address is created with the first master.
const quotaNeeds = async (
  world: Reads,
  cluster: Cluster,
  wanted: WantedMachines,
  cpus: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> => {
  const ours = (await world.cloud.compute.survey('instances')).items.filter((i) => markerOf(i)?.uid === cluster.uid);
  const missing = wanted.masters.filter((m) => !ours.some((i) => i.name === m.name));
  const masters = missing.length;
  const first = missing.some((m) => m.name === cluster.names.firstMaster) ? 1 : 0;
  const ssd = (type: string, gb: number): number => (type === 'pd-standard' ? 0 : gb);
  const pools = wanted.pools.map((pool) => {
    const own = machinePattern(cluster.names.pool(pool.name));
    const has = ours.filter((i) => i.zone === pool.zone && own.test(i.name)).length;
    return { ...pool, nodes: Math.max(0, pool.nodes - has) };
  });
  const sum = (each: (p: PoolSpec) => number): number => pools.reduce((n, p) => n + p.nodes * each(p), 0);
  return new Map([
    ['CPUS', masters * (cpus.get(cluster.master.machineType) ?? 0) + sum((p) => cpus.get(p.machineType) ?? 0)],
    ['INSTANCES', masters + sum(() => 1)],
    ['IN_USE_ADDRESSES', masters + first + sum(() => 1)],
    ['STATIC_ADDRESSES', first],
    [
      'SSD_TOTAL_GB',
      masters * (ssd(cluster.master.disk.type, cluster.master.disk.sizeGb) + 20) +
        sum((p) => ssd(p.disk.type, p.disk.sizeGb)),
    ],
    ['DISKS_TOTAL_GB', sum((p) => p.disk.sizeGb - ssd(p.disk.type, p.disk.sizeGb))],
  ]);
};

/** A refusal if a quota is too small for the plan. */
export const quotaRefusal = (
  where: string,
  quotas: Quotas,
  needs: ReadonlyMap<string, number>,
): OperatorError | undefined => {
  const short = quotas.flatMap((quota) => {
    const need = needs.get(quota.metric) ?? 0;
    return need > quota.limit - quota.usage
      ? [`${quota.metric}: ${need} needed, ${quota.limit - quota.usage} of ${quota.limit} available`]
      : [];
  });
  if (short.length === 0) return undefined;
  return new OperatorError('quota', `Insufficient quota in ${where}: ${short.join('; ')}`, {
    remedy: toVisit(
      'Use fewer or smaller instances, or request a quota increase',
      'https://console.cloud.google.com/iam-admin/quotas',
    ),
  });
};

/** Whether the region's quotas are sufficient for the plan. */
export const checkQuota = (
  cluster: Cluster,
  wanted: WantedMachines,
  types: CloudStep<ReadonlyMap<string, number>>,
): CloudStep<void> => ({
  ...verify<void>({
    id: `check:quota-${cluster.region}`,
    title: message('Quota is sufficient'),
    after: [types],
    look: () => Promise.resolve(),
  }),
  observe: async (ctx) => {
    const region = await ctx.world.cloud.compute.get({ kind: 'regions', name: cluster.region });
    if (region === undefined) return new OperatorError('invalid-input', `Region not found: ${cluster.region}`);
    const needs = await quotaNeeds(ctx.world, cluster, wanted, ctx.out(types));
    return quotaRefusal(cluster.region, region.quotas, needs);
  },
});
