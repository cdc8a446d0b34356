import { message } from '../lib/message.ts';
import { createHash } from 'node:crypto';
import { bootMetadata } from '../boot/metadata.ts';
import { knownFacts } from '../engine/step.ts';
import type { Bodies, Resources } from '../gce/kinds.ts';
import type { Cluster, PoolShape } from '../model/cluster.ts';
import { linkName } from '../model/links.ts';
import { isOurs, labelKeys, markerDescription, markerLabels } from '../model/marker.ts';
import { templatePattern } from '../model/names.ts';
import { poolWords, type PoolSettings } from '../model/poolOptions.ts';
import { bootConfig, type ClusterAddresses } from './bootConfig.ts';
import { machineBody, nic } from './master.ts';
import { createLine, foreign } from './resource.ts';
import type { After, CloudStep } from './world.ts';

/** What a pool's template is built from. */
export interface TemplateParts extends ClusterAddresses {
  readonly image: CloudStep<string>;
}

type Properties = NonNullable<Bodies['instanceTemplates']['properties']>;

/** A pool option's part of a template. */
interface Part<T> {
  write(value: T, image: string): Properties;
  read(template: Resources['instanceTemplates']): T;
  /** Its gcloud flags. */
  flags(value: T): readonly string[];
}

const spot = {
  provisioningModel: 'SPOT',
  instanceTerminationAction: 'DELETE',
  automaticRestart: false,
  onHostMaintenance: 'TERMINATE',
};

/**
 * The part of each pool option: a missing one is a compile error. Add new ones at the end, so that templates keep their
 * hashes.
 */
const parts: { readonly [K in keyof PoolSettings]: Part<PoolSettings[K]> } = {
  machineType: {
    write: (machineType) => ({ machineType }),
    read: (t) => t.machineType,
    flags: (type) => [`--machine-type=${type}`],
  },
  disk: {
    write: ({ type, sizeGb }, sourceImage) => {
      const initializeParams = { sourceImage, diskType: type, diskSizeGb: String(sizeGb) };
      return { disks: [{ boot: true, autoDelete: true, initializeParams }] };
    },
    read: (t) => t.bootDisk,
    flags: ({ type, sizeGb }) => [`--boot-disk-type=${type}`, `--boot-disk-size=${sizeGb}GB`],
  },
  spot: {
    write: (isSpot) => (isSpot ? { scheduling: spot } : {}),
    read: (t) => t.spot,
    flags: (isSpot) => (isSpot ? ['--provisioning-model=SPOT', '--instance-termination-action=DELETE'] : []),
  },
};

const rows: Readonly<Record<keyof PoolSettings, Part<unknown>>> = parts;
const options = Object.keys(parts) as (keyof PoolSettings)[];

const partsOf = (pool: PoolSettings, image: string): Record<keyof PoolSettings, Properties> =>
  Object.fromEntries(options.map((key) => [key, rows[key].write(pool[key], image)])) as Record<
    keyof PoolSettings,
    Properties
  >;

/** The pool settings in a template. */
export const settingsOf = (template: Resources['instanceTemplates']): PoolSettings =>
  Object.fromEntries(options.map((key) => [key, rows[key].read(template)])) as unknown as PoolSettings;

// Name and body are built together: the name contains the hash of the content, because templates cannot be changed.
const template = (
  cluster: Cluster,
  pool: PoolShape,
  external: string,
  internal: string,
  image: string,
): { name: string; body: Bodies['instanceTemplates'] } => {
  const metadata = bootMetadata({ ...bootConfig(cluster, 'node', external, internal), pool: pool.name });
  const { machineType, disk, ...others } = partsOf(pool, image);
  const properties = {
    ...machineBody(cluster, cluster.names.nodeAccount, cluster.names.nodeTag, metadata),
    ...machineType,
    ...disk,
    networkInterfaces: [nic(cluster)],
    labels: markerLabels(cluster, 'node', { [labelKeys.pool]: pool.name }),
    description: markerDescription(cluster),
    ...(Object.assign({}, ...Object.values(others)) as Properties),
  };
  const hash = createHash('sha256').update(JSON.stringify(properties)).digest('hex').slice(0, 8);
  return {
    name: cluster.names.template(pool.name, hash),
    body: { properties, description: markerDescription(cluster) },
  };
};

const createFlags = (cluster: Cluster, pool: PoolSettings): string =>
  [
    ...options.flatMap((key) => rows[key].flags(pool[key])),
    ...[`--subnet=${cluster.names.subnet}`, `--region=${cluster.region}`, `--tags=${cluster.names.nodeTag}`],
  ].join(' ');

interface TemplateSeen {
  readonly wanted: string;
  readonly found: Resources['instanceTemplates'] | undefined;
}

/** The pool's template, named by its content; its output is that name. */
export const ensureTemplate = (
  cluster: Cluster,
  pool: PoolShape,
  parts: TemplateParts,
  after: After,
): CloudStep<string, TemplateSeen> => ({
  id: `template:${cluster.names.pool(pool.name)}`,
  title: message('Create the instance template'),
  after: [parts.external, parts.internal, parts.image, ...after],
  timeoutMs: 300_000,
  expectedMs: 5000,
  observe: async (ctx) => {
    const wanted = template(
      cluster,
      pool,
      ctx.out(parts.external).address,
      ctx.out(parts.internal).address,
      ctx.out(parts.image),
    ).name;
    const found = await ctx.world.cloud.compute.get({ kind: 'instanceTemplates', name: wanted });
    return { wanted, found };
  },
  decide: (seen) => {
    // The hash also covers the addresses.
    const { wanted, found } = seen.known ? seen.facts : { wanted: cluster.names.template(pool.name, 'HASH') };
    if (found === undefined) {
      const gcloud = createLine({ kind: 'instanceTemplates', name: wanted }, createFlags(cluster, pool));
      return { do: 'create', detail: poolWords(pool), gcloud };
    }
    if (isOurs(cluster, found, templatePattern(cluster.name))) return { do: 'nothing', out: found.name };
    return { do: 'refuse', error: foreign({ kind: 'instanceTemplates', name: found.name }, found) };
  },
  perform: async (ctx) => {
    const { name, body } = template(
      cluster,
      pool,
      ctx.out(parts.external).address,
      ctx.out(parts.internal).address,
      ctx.out(parts.image),
    );
    await ctx.world.cloud.compute.insert({ kind: 'instanceTemplates', name }, { ...body, name }, ctx.call());
    return name;
  },
  inverse: (before) =>
    removeTemplates(
      cluster,
      cluster.pools.map((p) => ({ name: cluster.names.pool(p.name), zone: p.zone })),
      before,
    ),
});

/** A managed instance group that this plan deletes: its template does not count as used. */
export interface Going {
  readonly name: string;
  readonly zone?: string | undefined;
}

const isGoing = (group: Going, going: readonly Going[]): boolean =>
  going.some((g) => g.name === group.name && g.zone === group.zone);

/**
 * Deletes the templates of the cluster's pools that no group uses anymore: their names contain hashes, so they are
 * found by pattern and marker. `going` are the groups that will be gone by then, although the plan still sees them.
 */
export const removeTemplates = (
  cluster: { name: string; cluster: string; uid: string; region: string },
  going: readonly Going[],
  after: After,
): CloudStep<void, readonly string[]> => ({
  id: `remove-templates:${cluster.name}`,
  title: message('Delete instance templates'),
  after,
  timeoutMs: 300_000,
  expectedMs: 5000,
  observe: async (ctx) => {
    const { compute } = ctx.world.cloud;
    const [all, groups] = await Promise.all([
      compute.list('instanceTemplates'),
      compute.list('instanceGroupManagers', cluster.region),
    ]);
    const used = new Set(groups.filter((g) => !isGoing(g, going)).map((g) => linkName(g.template)));
    return all.filter((t) => isOurs(cluster, t, templatePattern(cluster.name)) && !used.has(t.name)).map((t) => t.name);
  },
  decide: (seen) => {
    const found = knownFacts(seen);
    if (found.length === 0) return { do: 'nothing', out: undefined };
    return {
      do: 'delete',
      detail: found.join(', '),
      gcloud: `gcloud compute instance-templates delete ${found.join(' ')}`,
    };
  },
  perform: async (ctx, _change, found) => {
    const { compute } = ctx.world.cloud;
    for (const name of found) {
      await compute.remove(await compute.own({ kind: 'instanceTemplates', name }), ctx.call(name));
    }
  },
});
