import { createHash } from 'node:crypto';
import { bootMetadata } from '../boot/metadata.ts';
import type { Seen } from '../engine/step.ts';
import type { ManagedInstance, Ref } from '../gce/cloud.ts';
import type { Bodies, Resources } from '../gce/resources.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { poll } from '../lib/deadline.ts';
import type { Cluster } from '../model/cluster.ts';
import { link } from '../model/links.ts';
import { isOurs, labelKeys, markerDescription, markerLabels } from '../model/marker.ts';
import { templatePattern } from '../model/names.ts';
import { bootConfig, type ClusterAddresses } from './bootConfig.ts';
import { machineBody, nic } from './master.ts';
import { createLine, foreign, remove } from './resource.ts';
import type { After, CloudStep, Reads } from './world.ts';

/** Ingredients of a pool's template. */
export interface TemplateParts extends ClusterAddresses {
  readonly image: CloudStep<string>;
}

// Name and body come together: the name carries the hash of what the template says, because templates cannot be changed.
const template = (
  c: Cluster,
  external: string,
  internal: string,
  image: string,
): { name: string; body: Bodies['instanceTemplates'] } => {
  const { pool } = c;
  const metadata = bootMetadata({ ...bootConfig(c, 'node', external, internal), pool: pool.name });
  const spot = {
    provisioningModel: 'SPOT',
    instanceTerminationAction: 'DELETE',
    automaticRestart: false,
    onHostMaintenance: 'TERMINATE',
  };
  const properties = {
    ...machineBody(c, c.names.nodeAccount, c.names.nodeTag, metadata),
    machineType: pool.machineType,
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: { sourceImage: image, diskType: pool.disk.type, diskSizeGb: String(pool.disk.sizeGb) },
      },
    ],
    networkInterfaces: [nic(c)],
    labels: markerLabels(c, 'node', { [labelKeys.pool]: pool.name }),
    description: markerDescription(c),
    ...(pool.spot ? { scheduling: spot } : {}),
  };
  const hash = createHash('sha256').update(JSON.stringify(properties)).digest('hex').slice(0, 8);
  return { name: c.names.template(pool.name, hash), body: { properties, description: markerDescription(c) } };
};

interface TemplateSeen {
  readonly wanted: string;
  readonly found: Resources['instanceTemplates'] | undefined;
}

/** The pool's template, by the name that its content gives it; its output is that name. */
export const ensureTemplate = (c: Cluster, parts: TemplateParts, after: After): CloudStep<string, TemplateSeen> => ({
  id: `template:${c.names.pool(c.pool.name)}`,
  title: 'Create instance template',
  after: [parts.external, parts.internal, parts.image, ...after],
  timeoutMs: 300_000,
  expectedMs: 5000,
  observe: async (ctx) => {
    const wanted = template(
      c,
      ctx.out(parts.external).address,
      ctx.out(parts.internal).address,
      ctx.out(parts.image),
    ).name;
    const found = await ctx.world.cloud.compute.get({ kind: 'instanceTemplates', name: wanted });
    return { state: 'present', facts: { wanted, found } };
  },
  decide: (seen) => {
    const found = seen.state === 'present' ? seen.facts.found : undefined;
    if (found === undefined)
      return { do: 'create', detail: `${c.pool.machineType}, ${c.pool.disk.type} ${c.pool.disk.sizeGb} GB` };
    if (isOurs(c, found, templatePattern(c.name))) return { do: 'nothing', out: found.name };
    return { do: 'refuse', error: foreign({ kind: 'instanceTemplates', name: found.name }, found) };
  },
  perform: async (ctx) => {
    const { name, body } = template(
      c,
      ctx.out(parts.external).address,
      ctx.out(parts.internal).address,
      ctx.out(parts.image),
    );
    await ctx.world.cloud.compute.insert({ kind: 'instanceTemplates', name }, { ...body, name }, ctx.call());
    return name;
  },
  inverse: (before) => removeTemplates(c, before),
});

/** Removes every template of the cluster's pools: their names carry hashes, so they are found by pattern and marker. */
export const removeTemplates = (
  c: { name: string; cluster: string; uid: string },
  after: After,
): CloudStep<void, readonly string[]> => ({
  id: `remove-templates:${c.name}`,
  title: 'Remove instance templates',
  after,
  timeoutMs: 300_000,
  expectedMs: 5000,
  observe: async (ctx) => {
    const all = await ctx.world.cloud.compute.list('instanceTemplates');
    const facts = all.filter((t) => isOurs(c, t, templatePattern(c.name))).map((t) => t.name);
    return { state: 'present', facts };
  },
  decide: (seen) => {
    const found = seen.state === 'present' ? seen.facts : [];
    if (found.length === 0) return { do: 'nothing', out: undefined };
    return {
      do: 'delete',
      detail: found.join(', '),
      gcloud: `gcloud compute instance-templates delete ${found.join(' ')}`,
    };
  },
  perform: async (ctx, _change, seen) => {
    for (const name of seen.state === 'present' ? seen.facts : []) {
      await ctx.world.cloud.compute.remove({ kind: 'instanceTemplates', name }, ctx.call(name));
    }
  },
});

const poolRef = (c: Cluster): Ref<'instanceGroupManagers'> => ({
  kind: 'instanceGroupManagers',
  name: c.names.pool(c.pool.name),
  zone: c.zone,
});

/** The pool: a managed group that makes its machines by itself. A different size is not silently changed. */
export const ensurePool = (
  c: Cluster,
  made: CloudStep<string>,
  after: After,
): CloudStep<void, Resources['instanceGroupManagers']> => {
  const ref = poolRef(c);
  return {
    id: `pool:${c.zone}/${ref.name}`,
    title: `Create node pool ${ref.name}`,
    after: [made, ...after],
    risk: 'billing',
    timeoutMs: 300_000,
    expectedMs: 10_000,
    observe: async (ctx): Promise<Seen<Resources['instanceGroupManagers']>> => {
      const found = await ctx.world.cloud.compute.get(ref);
      return found === undefined ? { state: 'absent' } : { state: 'present', facts: found };
    },
    decide: (seen) => {
      const flags = `--size=${c.pool.nodes} --base-instance-name=${ref.name} --template=${c.names.template(c.pool.name, 'HASH')}`;
      const detail = `${c.pool.nodes} × ${c.pool.machineType} in ${c.zone}${c.pool.spot ? ', Spot' : ''}`;
      if (seen.state !== 'present') return { do: 'create', detail, gcloud: createLine(ref, flags) };
      if (!isOurs(c, seen.facts, ref.name)) return { do: 'refuse', error: foreign(ref, seen.facts) };
      if (seen.facts.targetSize !== c.pool.nodes) return { do: 'refuse', error: otherSize(c, seen.facts.targetSize) };
      return { do: 'nothing', out: undefined };
    },
    perform: (ctx) =>
      ctx.world.cloud.compute.insert(
        ref,
        {
          name: ref.name,
          baseInstanceName: ref.name,
          targetSize: c.pool.nodes,
          instanceTemplate: link(c.project, 'instanceTemplates', {}, ctx.out(made)),
          description: markerDescription(c),
        },
        ctx.call(),
      ),
    inverse: (before) =>
      remove({
        id: `remove-pool:${c.zone}/${ref.name}`,
        title: `Remove node pool ${ref.name}`,
        after: before,
        ref,
        owner: c,
        expectedMs: 40_000,
      }),
  };
};

const otherSize = (c: Cluster, has: number): OperatorError =>
  new OperatorError('refused', `The pool exists with another size: ${has} nodes, asked for ${c.pool.nodes}`, {
    remedy: `Ask for the size that it has: --nodes ${has} (NUM_NODES=${has}).`,
  });

/** Waits until every machine of the pool runs; why one cannot be made (stock-out, quota) is told within one poll. */
export const fillPool = (c: Cluster, pool: CloudStep, after: After): CloudStep<void, readonly ManagedInstance[]> => ({
  id: `fill-pool:${c.zone}/${poolRef(c).name}`,
  title: `Wait for the machines of ${poolRef(c).name}`,
  after: [pool, ...after],
  timeoutMs: 15 * 60_000,
  expectedMs: 40_000,
  observe: async (ctx): Promise<Seen<readonly ManagedInstance[]>> => {
    if ((await ctx.world.cloud.compute.get(poolRef(c))) === undefined) return { state: 'absent' };
    return { state: 'present', facts: await ctx.world.cloud.compute.managedInstances(poolRef(c)) };
  },
  decide: (seen) => {
    const count = seen.state === 'present' ? running(seen.facts) : 0;
    return count >= c.pool.nodes
      ? { do: 'nothing', out: undefined }
      : { do: 'wait', detail: `${count}/${c.pool.nodes} running` };
  },
  perform: async (ctx) => {
    let most = { count: -1, at: 0 };
    await poll(ctx.clock, 5000, ctx.signal, async () => {
      const machines = await ctx.world.cloud.compute.managedInstances(poolRef(c));
      const count = running(machines);
      const failure = machines.flatMap((m) => m.errors)[0];
      ctx.progress(`${count}/${c.pool.nodes} running${failure === undefined ? '' : `; ${failure.message}`}`);
      if (count > most.count) most = { count, at: ctx.clock.now() };
      if (failure !== undefined && ctx.clock.now() - most.at >= patienceMs) throw cannotFill(c, count, failure);
      return count >= c.pool.nodes ? true : undefined;
    });
  },
});

// The group tries again by itself every half minute or minute, and shows the failure of the last attempt until then: what has
// been seen once may be over already.
const patienceMs = 180_000;

const running = (machines: readonly ManagedInstance[]): number =>
  machines.filter((m) => m.status === 'RUNNING' && m.action === 'NONE').length;

const cannotFill = (c: Cluster, count: number, e: OperatorError): OperatorError =>
  new OperatorError(e.code, `${count} of ${c.pool.nodes} machines of the pool run. ${e.message}`, {
    cause: e,
    retry: e.retry,
    zonesAvailable: e.zonesAvailable,
    ...(e.remedy === undefined ? {} : { remedy: e.remedy }),
  });

/** How many of the pool's machines have a Ready node, or why Kubernetes cannot be asked. */
const countReady = async (world: Reads, c: Cluster): Promise<Seen<number>> => {
  const machines = new Set((await world.cloud.compute.managedInstances(poolRef(c))).map((m) => m.name));
  try {
    const kubernetes = await world.kubernetes(c.names.secrets.admin);
    if (kubernetes === undefined) return { state: 'pending', what: 'no admin kubeconfig yet' };
    return {
      state: 'present',
      facts: (await kubernetes.nodes()).filter((n) => n.ready && machines.has(n.name)).length,
    };
  } catch (error) {
    if (OperatorError.is(error, 'kubernetes')) return { state: 'pending', what: error.message };
    throw error;
  }
};

const readyWords = (c: Cluster, seen: Seen<number>): string =>
  seen.state === 'pending' ? seen.what : `${seen.state === 'present' ? seen.facts : 0}/${c.pool.nodes} Ready`;

/** Waits until the pool's nodes are Ready in Kubernetes. */
export const nodesReady = (c: Cluster, after: After): CloudStep<void, number> => ({
  id: `nodes:${c.zone}/${poolRef(c).name}`,
  title: 'Wait until the nodes are Ready',
  after,
  timeoutMs: 15 * 60_000,
  expectedMs: 60_000,
  observe: async (ctx): Promise<Seen<number>> => {
    if ((await ctx.world.cloud.compute.get(poolRef(c))) === undefined) return { state: 'absent' };
    return countReady(ctx.world, c);
  },
  decide: (seen) =>
    seen.state === 'present' && seen.facts >= c.pool.nodes
      ? { do: 'nothing', out: undefined }
      : { do: 'wait', detail: readyWords(c, seen) },
  perform: (ctx) =>
    poll(ctx.clock, 5000, ctx.signal, async () => {
      const seen = await countReady(ctx.world, c);
      ctx.progress(readyWords(c, seen));
      return seen.state === 'present' && seen.facts >= c.pool.nodes ? true : undefined;
    }).then(() => undefined),
});
