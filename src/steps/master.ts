import type { Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/kinds.ts';
import { message } from '../lib/message.ts';
import { factsOf, type StepId } from '../engine/step.ts';
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

/** One master: its machine, and where. */
export interface Master {
  readonly name: string;
  readonly zone: string;
}

/** Device name under which the boot script finds etcd's disk. */
export const masterDevice = 'master-pd';

/** etcd's disk. Its marker keeps the master's address and pod range, so that a master can be re-created from it alone. */
export const ensureMasterDisk = (
  c: Cluster,
  m: Master,
  address: CloudStep<Resources['addresses']>,
  after: After,
): CloudStep<Resources['disks']> => {
  const ref = { kind: 'disks', name: c.names.masterDisk(m.name), zone: m.zone } as const;
  const { type, sizeGb } = c.master.disk;
  return ensure({
    id: diskStep(ref.name),
    title: message('Create disk for {0}', m.name),
    after: [address, ...after],
    ref,
    owner: c,
    risk: 'billing',
    expectedMs: 5000,
    timeoutMs: 300_000,
    detail: `${type} ${sizeGb} GB, kept when the instance is deleted`,
    gcloud: createLine(ref, `--type=${type} --size=${sizeGb}GB`),
    body: (ctx) => ({
      name: ref.name,
      type: `projects/${c.project}/zones/${m.zone}/diskTypes/${type}`,
      sizeGb: String(sizeGb),
      labels: markerLabels(c, 'etcd'),
      description: markerDescription(c, { master: m.name, zone: m.zone, address: ctx.out(address).address }),
    }),
  });
};

/** What a master's machine is built from. */
export interface MasterParts extends ClusterAddresses {
  readonly own: CloudStep<Resources['addresses']>;
  readonly disk: CloudStep<Resources['disks']>;
  readonly image: CloudStep<string>;
}

/** A master's machine. Its secrets come from Secret Manager by its own identity; its metadata holds none. */
export const ensureMaster = (
  c: Cluster,
  m: Master,
  role: Role,
  parts: MasterParts,
  after: After,
): CloudStep<Resources['instances']> => {
  const ref = { kind: 'instances', name: m.name, zone: m.zone } as const;
  return ensure({
    id: masterStep(m.name),
    title: message('Create instance {0}', m.name),
    after: [parts.own, parts.disk, parts.image, parts.external, parts.internal, ...after],
    ref,
    owner: c,
    risk: 'billing',
    expectedMs: 25_000,
    timeoutMs: 300_000,
    detail: `${c.master.machineType} in ${m.zone}, Kubernetes ${c.versions.kubernetes}`,
    gcloud: createLine(
      ref,
      `--machine-type=${c.master.machineType} --disk=name=${c.names.masterDisk(m.name)},device-name=${masterDevice} --subnet=${c.names.subnet} --tags=${c.names.masterTag}`,
    ),
    body: (ctx) => {
      const config = bootConfig(c, role, ctx.out(parts.external).address, ctx.out(parts.internal).address);
      const items = bootMetadata({ ...config, ownIp: ctx.out(parts.own).address });
      return {
        ...machineBody(c, c.names.masterAccount, c.names.masterTag, items),
        name: m.name,
        machineType: `zones/${m.zone}/machineTypes/${c.master.machineType}`,
        disks: [
          {
            boot: true,
            autoDelete: true,
            initializeParams: {
              sourceImage: ctx.out(parts.image),
              diskType: `zones/${m.zone}/diskTypes/pd-balanced`,
              diskSizeGb: '20',
            },
          },
          {
            boot: false,
            autoDelete: false,
            deviceName: masterDevice,
            source: link(c.project, 'disks', { zone: m.zone }, c.names.masterDisk(m.name)),
          },
        ],
        networkInterfaces: [{ ...nic(c), networkIP: ctx.out(parts.own).address }],
        labels: markerLabels(c, 'master'),
        description: markerDescription(c, { master: m.name, zone: m.zone }),
        deletionProtection: true,
      };
    },
  });
};

/** Network interface of every machine: pods get a /24 as alias range; the external address is for images and packages. */
export const nic = (c: Cluster) => ({
  subnetwork: link(c.project, 'subnetworks', { region: c.region }, c.names.subnet),
  accessConfigs: [{ type: 'ONE_TO_ONE_NAT', name: 'External NAT' }],
  aliasIpRanges: [{ subnetworkRangeName: rangeNames.pods, ipCidrRange: '/24' }],
});

/** What masters and nodes have alike: identity, tags, shielding, metadata. */
export const machineBody = (c: Cluster, account: string, tag: string, metadata: Readonly<Record<string, string>>) => ({
  tags: { items: [tag] },
  serviceAccounts: [
    { email: accountEmail(c.project, account), scopes: ['https://www.googleapis.com/auth/cloud-platform'] },
  ],
  shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
  metadata: { items: Object.entries(metadata).map(([key, value]) => ({ key, value })) },
});

/** Links of the machines in a zone's group; undefined where there is no group. */
type Members = readonly string[] | undefined;

const membersOf = async ({ cloud }: Reads, group: Ref<'instanceGroups'>): Promise<Members> =>
  (await cloud.compute.get(group)) && cloud.compute.groupMembers(group);

const isIn = (m: Master, members: Members): boolean => (members ?? []).map(linkName).includes(m.name);

/**
 * Puts a master into the load balancer's group. The first one before its `kubeadm init`: behind a passthrough load balancer a
 * member reaches only itself by the endpoint (hairpin), and init goes by the endpoint. A replica only when it serves.
 */
export const register = (c: Cluster, m: Master, after: After): CloudStep<void, Members> => {
  const group = { kind: 'instanceGroups', name: c.names.masterGroup, zone: m.zone } as const;
  const instance = link(c.project, 'instances', { zone: m.zone }, m.name);
  return {
    id: registerStep(m.name),
    title: message('Add {0} to the load balancer', m.name),
    after,
    risk: 'endpoint',
    timeoutMs: 300_000,
    expectedMs: 8000,
    observe: (ctx) => {
      // One that leaves before it is still in the group while it is planned.
      knownAll(
        ctx,
        after.filter((s) => s.id === leaves(m)),
      );
      return membersOf(ctx.world, group);
    },
    decide: (seen) =>
      seen.known && isIn(m, seen.facts)
        ? { do: 'nothing', out: undefined }
        : {
            do: 'create',
            gcloud: `gcloud compute instance-groups unmanaged add-instances ${group.name} --zone=${m.zone} --instances=${m.name}`,
          },
    perform: async (ctx) => {
      const { compute } = ctx.world.cloud;
      await compute.act(await compute.own(group), 'addInstances', { instances: [{ instance }] }, ctx.call());
    },
    inverse: (before) => deregister(c, m, before),
  };
};

/** What taking a master out of its group needs to know. */
export interface Grouped {
  readonly project: string;
  readonly names: { readonly masterGroup: string };
}

const leaves = (m: Master): StepId => `deregister:${m.name}`;

/** Takes a master out of the load balancer's group: before anything else of it is touched (invariant 5). */
export const deregister = (c: Grouped, m: Master, after: After): CloudStep<void, Members> => {
  const group = { kind: 'instanceGroups', name: c.names.masterGroup, zone: m.zone } as const;
  const instance = link(c.project, 'instances', { zone: m.zone }, m.name);
  return {
    id: leaves(m),
    title: message('Remove {0} from the load balancer', m.name),
    after,
    risk: 'endpoint',
    timeoutMs: 300_000,
    expectedMs: 8000,
    observe: (ctx) => membersOf(ctx.world, group),
    decide: (seen) =>
      isIn(m, factsOf(seen))
        ? {
            do: 'delete',
            gcloud: `gcloud compute instance-groups unmanaged remove-instances ${group.name} --zone=${m.zone} --instances=${m.name}`,
          }
        : { do: 'nothing', out: undefined },
    perform: async (ctx) => {
      const { compute } = ctx.world.cloud;
      await compute.act(await compute.own(group), 'removeInstances', { instances: [{ instance }] }, ctx.call());
    },
  };
};
