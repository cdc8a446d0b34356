import { message } from '../lib/message.ts';
import * as v from 'valibot';
import { metadataItem } from '../boot/metadata.ts';
import type { Resources } from '../gce/kinds.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Cluster, PoolShape, PoolSpec } from '../model/cluster.ts';
import { usualDisk, type DiskSpec } from '../model/machines.ts';
import { initialSettings } from '../model/poolOptions.ts';
import { linkName } from '../model/links.ts';
import { isOurs } from '../model/marker.ts';
import { checkName, defaultPool, names, poolOfGroup, type Names } from '../model/names.ts';
import type { Versions } from '../model/versions.ts';
import { insistOn } from '../model/zones.ts';
import { narrowed } from './firewall.ts';
import { findRoot, takeInventory, type Inventory, type Root, refOf } from './inventory.ts';
import type { Master } from './master.ts';
import { verify } from './preflight.ts';
import { settingsOf } from './template.ts';
import type { After, CloudStep, Reads } from './world.ts';

/** An existing cluster read back from the cloud as the value that workflows are built from, and its sources. */
export interface Existing {
  readonly cluster: Cluster;
  readonly root: Root;
  readonly has: Inventory;
}

const configSchema = v.object({
  uid: v.string(),
  versions: v.custom<Versions>((x) => typeof x === 'object' && x !== null && 'kubernetes' in x),
});

const notReadable = (name: string, what: string): OperatorError =>
  new OperatorError('not-found', `Cannot read cluster ${name}: ${what}`, {
    remedy: [
      toRun('See', command`trizone status`),
      toRun('To continue an interrupted create', command`trizone resume`),
    ],
  });

/**
 * Reads a cluster back: identity and ranges from its root record and subnet, versions from a master's own metadata,
 * types and disks from the existing instances. Verbs on an existing cluster need only its name.
 */
export const readExisting = async (world: Reads, name: string): Promise<Existing> => {
  const root = await findRoot(world, checkName('Cluster', name));
  if (root === undefined) {
    throw new OperatorError('not-found', `Cluster not found in ${world.cloud.label}: ${name}`, {
      remedy: [
        toRun('See', command`trizone status`),
        toRun('To create it', command`trizone up --zone Z`),
        { text: 'Or choose another cluster with --cluster.' },
      ],
    });
  }
  const has = await takeInventory(world.cloud, { cluster: name, uid: root.record.uid });
  const n = names(name);
  const subnet = has.subnetworks.find((s) => s.name === n.subnet);
  if (subnet === undefined) throw notReadable(name, `subnet ${n.subnet} not found`);
  const master = await withMetadata(world, masterWithConfig(has, n));
  if (master === undefined) insistOn(has.unreachable, root.region);
  if (master === undefined) throw notReadable(name, 'it has no master');
  const { versions } = configOf(name, root, master);
  const pools = poolsOf(has, n);
  const cluster: Cluster = {
    ...{ name, cluster: name, uid: root.record.uid, names: n, project: world.cloud.project, region: root.region },
    ...{ podCidr: root.record.podCidr, serviceCidr: root.record.serviceCidr, subnetCidr: subnet.ipCidrRange },
    zone: master.zone ?? '',
    zones: [...new Set(has.masters.map((m) => m.zone ?? ''))].sort(),
    versions,
    master: { machineType: master.machineType, disk: diskOf(has, master.name, n) },
    pool: pools.find((p) => p.name === defaultPool) ?? pools[0] ?? barePool,
    pools,
    apiAllow: allowOf(has, n, [subnet.ipCidrRange, root.record.podCidr]),
  };
  return { cluster, root, has };
};

// Any master's metadata contains the same; the first master is preferred because it has existed longest.
const masterWithConfig = (has: Inventory, names: Names): Resources['instances'] | undefined =>
  has.masters.find((m) => m.name === names.firstMaster) ?? has.masters[0];

// Lists omit the metadata.
const withMetadata = async (
  world: Reads,
  listed: Resources['instances'] | undefined,
): Promise<Resources['instances'] | undefined> => listed && world.cloud.compute.get(refOf('instances', listed));

const configOf = (name: string, root: Root, master: Resources['instances']): v.InferOutput<typeof configSchema> => {
  const text = master.metadata[metadataItem.config];
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), configSchema), text);
  if (!parsed.success || parsed.output.uid !== root.record.uid)
    throw notReadable(name, `metadata ${metadataItem.config} of ${master.name} does not describe this cluster`);
  return parsed.output;
};

const diskOf = (has: Inventory, master: string, names: Names): DiskSpec => {
  const disk = has.disks.find((d) => d.name === names.masterDisk(master));
  return disk === undefined ? usualDisk.master : { type: disk.type, sizeGb: disk.sizeGb };
};

const barePool: PoolShape = { name: defaultPool, nodes: 3, ...initialSettings };

const poolsOf = (has: Inventory, names: Names): PoolSpec[] =>
  has.pools.map((group) => {
    const template = has.templates.find((t) => t.name === linkName(group.template));
    const settings = template === undefined ? {} : settingsOf(template);
    return {
      ...barePool,
      ...settings,
      name: poolOfGroup(names, group.name),
      zone: group.zone ?? '',
      nodes: group.targetSize,
    };
  });

const allowOf = (has: Inventory, names: Names, inside: readonly string[]): readonly string[] => {
  const sources = narrowed(names, has.firewalls) ?? [];
  return sources.filter((s) => !inside.includes(s));
};

/** The cluster's masters, according to the cloud. */
export const mastersOf = (has: Inventory): Master[] => has.masters.map((m) => ({ name: m.name, zone: m.zone ?? '' }));

/** An address that must already exist: a verb on an existing cluster does not re-create it. */
export const existingAddress = (cluster: Cluster, name: string, after: After): CloudStep<Resources['addresses']> =>
  verify({
    id: `found:${name}`,
    title: message('Address {0} exists', name),
    after,
    look: async ({ cloud }) => {
      const found = await cloud.compute.get({ kind: 'addresses', name, region: cluster.region });
      if (found !== undefined && isOurs(cluster, found, name)) return found;
      return new OperatorError('not-found', `Cluster address not found: ${name}`, {
        remedy: toRun('See', command`trizone validate`),
      });
    },
  });
