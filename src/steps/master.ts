import type { Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/kinds.ts';
import { message } from '../lib/message.ts';
import { knownFacts, type StepId } from '../engine/step.ts';
import { bootMetadata } from '../boot/metadata.ts';
import type { Role } from '../boot/config.ts';
import type { Cluster } from '../model/cluster.ts';
import { link, linkName } from '../model/links.ts';
import { markerDescription, markerLabels } from '../model/marker.ts';
import { accountEmail } from './account.ts';
import { bootConfig, type ClusterAddresses } from './bootConfig.ts';
import { rangeNames } from './network.ts';
import { createLine, ensure } from './resource.ts';
import { knownAll, type After, type CloudStep, type Reads } from './world.ts';
import { diskStep, masterStep, registerStep } from './stepIds.ts';

/** One master: its name and zone. */
export interface Master {
  readonly name: string;
  readonly zone: string;
}

/** Device name by which the boot script finds etcd's disk. */
export const masterDevice = 'master-pd';

/**
 * etcd's disk. Its marker contains the master's address and pod range, so that a master can be re-created from it
 * alone.
 */
export const ensureMasterDisk = (
  cluster: Cluster,
  master: Master,
  address: CloudStep<Resources['addresses']>,
  after: After,
): CloudStep<Resources['disks']> => {
  const ref = { kind: 'disks', name: cluster.names.masterDisk(master.name), zone: master.zone } as const;
  const { type, sizeGb } = cluster.master.disk;
  return ensure({
    id: diskStep(ref.name),
    title: message('Create disk for {0}', master.name),
    after: [address, ...after],
    ref,
    owner: cluster,
    risk: 'billing',
    expectedMs: 5000,
    timeoutMs: 300_000,
    detail: `${type} ${sizeGb} GB, kept when the instance is deleted`,
    gcloud: createLine(ref, `--type=${type} --size=${sizeGb}GB`),
    body: (ctx) => ({
      name: ref.name,
      type: `projects/${cluster.project}/zones/${master.zone}/diskTypes/${type}`,
      sizeGb: String(sizeGb),
      labels: markerLabels(cluster, 'etcd'),
      description: markerDescription(cluster, {
        master: master.name,
        zone: master.zone,
        address: ctx.out(address).address,
      }),
    }),
  });
};

/** What a master's instance is built from. */
export interface MasterParts extends ClusterAddresses {
  readonly own: CloudStep<Resources['addresses']>;
  readonly disk: CloudStep<Resources['disks']>;
  readonly image: CloudStep<string>;
}

/** A master's instance. It reads secrets from Secret Manager with its own identity; its metadata contains none. */
export const ensureMaster = (
  cluster: Cluster,
  master: Master,
  role: Role,
  parts: MasterParts,
  after: After,
): CloudStep<Resources['instances']> => {
  const ref = { kind: 'instances', name: master.name, zone: master.zone } as const;
  return ensure({
    id: masterStep(master.name),
    title: message('Create instance {0}', master.name),
    after: [parts.own, parts.disk, parts.image, parts.external, parts.internal, ...after],
    ref,
    owner: cluster,
    risk: 'billing',
    expectedMs: 25_000,
    timeoutMs: 300_000,
    detail: `${cluster.master.machineType} in ${master.zone}, Kubernetes ${cluster.versions.kubernetes}`,
    gcloud: createLine(
      ref,
      `--machine-type=${cluster.master.machineType} --disk=name=${cluster.names.masterDisk(master.name)},device-name=${masterDevice} --subnet=${cluster.names.subnet} --tags=${cluster.names.masterTag}`,
    ),
    body: (ctx) => {
      const config = bootConfig(cluster, role, ctx.out(parts.external).address, ctx.out(parts.internal).address);
      const items = bootMetadata({ ...config, ownIp: ctx.out(parts.own).address });
      return {
        ...machineBody(cluster, cluster.names.masterAccount, cluster.names.masterTag, items),
        name: master.name,
        machineType: `zones/${master.zone}/machineTypes/${cluster.master.machineType}`,
        disks: [
          {
            boot: true,
            autoDelete: true,
            initializeParams: {
              sourceImage: ctx.out(parts.image),
              diskType: `zones/${master.zone}/diskTypes/pd-balanced`,
              diskSizeGb: '20',
            },
          },
          {
            boot: false,
            autoDelete: false,
            deviceName: masterDevice,
            source: link(cluster.project, 'disks', { zone: master.zone }, cluster.names.masterDisk(master.name)),
          },
        ],
        networkInterfaces: [{ ...nic(cluster), networkIP: ctx.out(parts.own).address }],
        labels: markerLabels(cluster, 'master'),
        description: markerDescription(cluster, { master: master.name, zone: master.zone }),
        deletionProtection: true,
      };
    },
  });
};

/**
 * Network interface of every machine: pods get a /24 alias range; the external address is for downloading images and
 * packages.
 */
export const nic = (cluster: Cluster) => ({
  subnetwork: link(cluster.project, 'subnetworks', { region: cluster.region }, cluster.names.subnet),
  accessConfigs: [{ type: 'ONE_TO_ONE_NAT', name: 'External NAT' }],
  aliasIpRanges: [{ subnetworkRangeName: rangeNames.pods, ipCidrRange: '/24' }],
});

/** What masters and nodes have in common: identity, tags, Shielded VM, metadata. */
export const machineBody = (
  cluster: Cluster,
  account: string,
  tag: string,
  metadata: Readonly<Record<string, string>>,
) => ({
  tags: { items: [tag] },
  serviceAccounts: [
    { email: accountEmail(cluster.project, account), scopes: ['https://www.googleapis.com/auth/cloud-platform'] },
  ],
  shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
  metadata: { items: Object.entries(metadata).map(([key, value]) => ({ key, value })) },
});

/** Links of the instances in a zone's group; undefined if there is no group. */
type Members = readonly string[] | undefined;

const membersOf = async ({ cloud }: Reads, group: Ref<'instanceGroups'>): Promise<Members> =>
  (await cloud.compute.get(group)) && cloud.compute.groupMembers(group);

const isIn = (m: Master, members: Members): boolean => (members ?? []).map(linkName).includes(m.name);

/**
 * Adds a master to the load balancer's group. The first one before its `kubeadm init`: behind a passthrough load
 * balancer, a member that connects to the endpoint reaches only itself (hairpin), and init uses the endpoint. A replica
 * only once it serves.
 */
export const register = (cluster: Cluster, master: Master, after: After): CloudStep<void, Members> => {
  const group = { kind: 'instanceGroups', name: cluster.names.masterGroup, zone: master.zone } as const;
  const instance = link(cluster.project, 'instances', { zone: master.zone }, master.name);
  return {
    id: registerStep(master.name),
    title: message('Add {0} to the load balancer', master.name),
    after,
    risk: 'endpoint',
    timeoutMs: 300_000,
    expectedMs: 8000,
    observe: (ctx) => {
      // A master that leaves beforehand is still in the group during planning.
      knownAll(
        ctx,
        after.filter((s) => s.id === leaves(master)),
      );
      return membersOf(ctx.world, group);
    },
    decide: (seen) =>
      seen.known && isIn(master, seen.facts)
        ? { do: 'nothing', out: undefined }
        : {
            do: 'create',
            gcloud: `gcloud compute instance-groups unmanaged add-instances ${group.name} --zone=${master.zone} --instances=${master.name}`,
          },
    perform: async (ctx) => {
      const { compute } = ctx.world.cloud;
      await compute.act(await compute.own(group), 'addInstances', { instances: [{ instance }] }, ctx.call());
    },
    inverse: (before) => deregister(cluster, master, before),
  };
};

/** What removing a master from its group needs to know. */
export interface Grouped {
  readonly project: string;
  readonly names: { readonly masterGroup: string };
}

const leaves = (m: Master): StepId => `deregister:${m.name}`;

/** Removes a master from the load balancer's group: before anything else of it is touched (invariant 5). */
export const deregister = (grouped: Grouped, master: Master, after: After): CloudStep<void, Members> => {
  const group = { kind: 'instanceGroups', name: grouped.names.masterGroup, zone: master.zone } as const;
  const instance = link(grouped.project, 'instances', { zone: master.zone }, master.name);
  return {
    id: leaves(master),
    title: message('Remove {0} from the load balancer', master.name),
    after,
    risk: 'endpoint',
    timeoutMs: 300_000,
    expectedMs: 8000,
    observe: (ctx) => membersOf(ctx.world, group),
    decide: (seen) =>
      isIn(master, knownFacts(seen))
        ? {
            do: 'delete',
            gcloud: `gcloud compute instance-groups unmanaged remove-instances ${group.name} --zone=${master.zone} --instances=${master.name}`,
          }
        : { do: 'nothing', out: undefined },
    perform: async (ctx) => {
      const { compute } = ctx.world.cloud;
      await compute.act(await compute.own(group), 'removeInstances', { instances: [{ instance }] }, ctx.call());
    },
  };
};
