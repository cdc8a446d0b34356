import { message } from '../lib/message.ts';
import { knownFacts } from '../engine/step.ts';
import type { ManagedInstance, Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/kinds.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Cluster, PoolSpec } from '../model/cluster.ts';
import { link } from '../model/links.ts';
import { isOurs, markerDescription } from '../model/marker.ts';
import { createLine, foreign, remove } from './resource.ts';
import { knownAll, type After, type CloudStep, type Reads } from './world.ts';
import { poolStep } from './stepIds.ts';

/** Reference to a pool's managed instance group. */
export const poolRef = (
  cluster: Pick<Cluster, 'names'>,
  pool: Pick<PoolSpec, 'name' | 'zone'>,
): Ref<'instanceGroupManagers'> => ({
  kind: 'instanceGroupManagers',
  name: cluster.names.pool(pool.name),
  zone: pool.zone,
});

/** The pool: a managed instance group that creates its instances by itself. A different size is not silently changed. */
export const ensurePool = (
  cluster: Cluster,
  pool: PoolSpec,
  made: CloudStep<string>,
  after: After,
): CloudStep<void, Resources['instanceGroupManagers'] | undefined> => {
  const ref = poolRef(cluster, pool);
  return {
    id: poolStep(pool.zone, ref.name),
    title: message('Create node pool {0} in {1}', ref.name, pool.zone),
    after: [made, ...after],
    risk: 'billing',
    timeoutMs: 300_000,
    expectedMs: 10_000,
    observe: (ctx) => ctx.world.cloud.compute.get(ref),
    decide: (seen) => {
      const flags = `--size=${pool.nodes} --base-instance-name=${ref.name} --template=${cluster.names.template(pool.name, 'HASH')}`;
      const detail = `${pool.nodes} × ${pool.machineType} in ${pool.zone}${pool.spot ? ', Spot' : ''}`;
      const found = knownFacts(seen);
      if (found === undefined) return { do: 'create', detail, gcloud: createLine(ref, flags) };
      if (!isOurs(cluster, found, ref.name)) return { do: 'refuse', error: foreign(ref, found) };
      if (found.targetSize !== pool.nodes) return { do: 'refuse', error: otherSize(pool, found.targetSize) };
      return { do: 'nothing', out: undefined };
    },
    perform: (ctx) =>
      ctx.world.cloud.compute.insert(
        ref,
        {
          name: ref.name,
          baseInstanceName: ref.name,
          targetSize: pool.nodes,
          instanceTemplate: link(cluster.project, 'instanceTemplates', {}, ctx.out(made)),
          description: markerDescription(cluster),
        },
        ctx.call(),
      ),
    inverse: (before) =>
      remove({
        id: `remove-pool:${pool.zone}/${ref.name}`,
        title: message('Delete node pool {0} in {1}', ref.name, pool.zone),
        after: before,
        ref,
        owner: cluster,
        expectedMs: 40_000,
      }),
  };
};

const otherSize = (pool: PoolSpec, has: number): OperatorError =>
  new OperatorError('refused', `The pool already exists with ${has} nodes, but ${pool.nodes} were requested`, {
    remedy: toRun(
      `Use the current size, --nodes ${has} (NUM_NODES=${has}), or resize it`,
      command`trizone pool resize --zone ${pool.zone} --pool ${pool.name} --nodes ${String(pool.nodes)}`,
    ),
  });

/** Waits until every instance of the pool is running; a creation error (stock-out, quota) is reported within one poll. */
export const fillPool = (
  cluster: Cluster,
  spec: PoolSpec,
  pool: CloudStep,
  after: After,
): CloudStep<void, readonly ManagedInstance[]> => ({
  id: `fill-pool:${spec.zone}/${poolRef(cluster, spec).name}`,
  title: message('Wait for the instances of {0} in {1}', poolRef(cluster, spec).name, spec.zone),
  after: [pool, ...after],
  timeoutMs: 15 * 60_000,
  expectedMs: 40_000,
  observe: async ({ world: { cloud } }) => {
    if ((await cloud.compute.get(poolRef(cluster, spec))) === undefined) return [];
    return cloud.compute.managedInstances(poolRef(cluster, spec));
  },
  decide: (seen) => {
    const count = running(knownFacts(seen));
    return count >= spec.nodes
      ? { do: 'nothing', out: undefined }
      : { do: 'wait', detail: `${count}/${spec.nodes} running` };
  },
  perform: async (ctx) => {
    let most = { count: -1, at: 0 };
    await poll(ctx.clock, 5000, ctx.signal, async () => {
      const machines = await ctx.world.cloud.compute.managedInstances(poolRef(cluster, spec));
      const count = running(machines);
      const failure = machines.flatMap((m) => m.errors)[0];
      ctx.progress(
        `${count}/${spec.nodes} running${failure === undefined ? '' : `; ${failure.message}${zonesOf(failure)}`}`,
      );
      if (count > most.count) most = { count, at: ctx.clock.monotonic() };
      if (failure !== undefined && ctx.clock.monotonic() - most.at >= patienceMs)
        throw cannotFill(spec, count, failure);
      return count >= spec.nodes ? true : undefined;
    });
  },
});

// The group retries by itself every 30 to 60 s and shows the last attempt's error until then: an error seen only once
// may already be resolved.
const patienceMs = 180_000;

const running = (machines: readonly ManagedInstance[]): number =>
  machines.filter((m) => m.status === 'RUNNING' && m.action === 'NONE').length;

const zonesOf = ({ zonesAvailable }: OperatorError): string =>
  zonesAvailable.length === 0 ? '' : ` (zones that may have capacity: ${zonesAvailable.join(', ')})`;

const cannotFill = (pool: PoolSpec, count: number, error: OperatorError): OperatorError =>
  new OperatorError(error.code, `${count} of ${pool.nodes} instances in the pool are running. ${error.message}`, {
    cause: error,
    retry: error.retry,
    zonesAvailable: error.zonesAvailable,
    remedy: error.remedies,
  });

/** Resizes a pool's group up to the wanted number of instances. */
export const growPool = (
  cluster: Cluster,
  pool: PoolSpec,
  after: After,
): CloudStep<void, Resources['instanceGroupManagers'] | undefined> => {
  const ref = poolRef(cluster, pool);
  return {
    id: `grow:${pool.zone}/${ref.name}`,
    title: message('Scale up node pool {0} in {1}', ref.name, pool.zone),
    after,
    risk: 'billing',
    timeoutMs: 300_000,
    expectedMs: 8000,
    observe: (ctx) => ctx.world.cloud.compute.get(ref),
    decide: (seen) => {
      const found = knownFacts(seen);
      if (found === undefined || !isOurs(cluster, found, ref.name)) return { do: 'refuse', error: noPool(pool) };
      if (found.targetSize >= pool.nodes) return { do: 'nothing', out: undefined };
      const gcloud = `gcloud compute instance-groups managed resize ${ref.name} --zone=${pool.zone} --size=${pool.nodes}`;
      return { do: 'update', detail: `${found.targetSize} → ${pool.nodes} × ${pool.machineType}`, gcloud };
    },
    perform: async (ctx) => {
      const { compute } = ctx.world.cloud;
      await compute.act(await compute.own(ref), 'resize', { size: pool.nodes }, ctx.call());
    },
  };
};

/** The error that a zone has no such pool. */
export const noPool = (pool: Pick<PoolSpec, 'name' | 'zone'>): OperatorError =>
  new OperatorError('not-found', `Node pool not found in ${pool.zone}: ${pool.name}`, {
    remedy: toRun('See', command`trizone status`),
  });

/** The victims that can be deleted at this moment: they exist, and the group is larger than wanted. */
export const dueVictims = async (
  world: Reads,
  cluster: Cluster,
  pool: PoolSpec,
  victims: readonly string[],
): Promise<readonly string[]> => {
  const { compute } = world.cloud;
  const [group, machines] = await Promise.all([
    compute.get(poolRef(cluster, pool)),
    compute.managedInstances(poolRef(cluster, pool)),
  ]);
  const there = machines.filter((m) => m.action !== 'DELETING').map((m) => m.name);
  const most = Math.max(0, (group?.targetSize ?? 0) - pool.nodes);
  return victims.filter((name) => there.includes(name)).slice(0, most);
};

/**
 * Deletes exactly these instances, as long as the pool is larger than wanted; the group's target size shrinks
 * accordingly, so that it creates no replacements.
 */
export const deleteMachines = (
  cluster: Cluster,
  pool: PoolSpec,
  victims: readonly string[],
  after: After,
): CloudStep<void, readonly string[]> => {
  const ref = poolRef(cluster, pool);
  return {
    id: `shrink:${pool.zone}/${ref.name}`,
    title: message('Delete instances of {0} in {1}', ref.name, pool.zone),
    after,
    timeoutMs: 300_000,
    expectedMs: 10_000,
    observe: (ctx) => dueVictims(ctx.world, cluster, pool, victims),
    decide: (seen) => {
      const names = knownFacts(seen);
      if (names.length === 0) return { do: 'nothing', out: undefined };
      const gcloud = `gcloud compute instance-groups managed delete-instances ${ref.name} --zone=${pool.zone} --instances=${names.join(',')}`;
      return { do: 'delete', detail: names.join(', '), gcloud };
    },
    perform: async (ctx, _change, names) => {
      const { compute } = ctx.world.cloud;
      const instances = names.map((name) => link(cluster.project, 'instances', { zone: pool.zone }, name));
      return compute.act(await compute.own(ref), 'deleteInstances', { instances }, ctx.call());
    },
  };
};

/** Waits until the group has the wanted number of instances and is not changing any of them. */
export const awaitSize = (cluster: Cluster, pool: PoolSpec, after: After): CloudStep<void, string | undefined> => {
  const waiting = async (world: Reads): Promise<string | undefined> => {
    const machines = await world.cloud.compute.managedInstances(poolRef(cluster, pool));
    const changing = machines.filter((m) => m.action !== 'NONE').length;
    return machines.length === pool.nodes && changing === 0
      ? undefined
      : `${machines.length} of ${pool.nodes} instances, ${changing} changing`;
  };
  return {
    id: `size:${pool.zone}/${poolRef(cluster, pool).name}`,
    title: message('Wait until {0} in {1} is stable', poolRef(cluster, pool).name, pool.zone),
    after,
    timeoutMs: 15 * 60_000,
    expectedMs: 40_000,
    observe: (ctx) => {
      knownAll(ctx, after);
      return waiting(ctx.world);
    },
    decide: (seen) => (seen.known && seen.facts === undefined ? { do: 'nothing', out: undefined } : { do: 'wait' }),
    perform: async (ctx) => {
      await poll(ctx.clock, 5000, ctx.signal, async () => {
        const words = await waiting(ctx.world);
        if (words !== undefined) ctx.progress(words);
        return words === undefined ? true : undefined;
      });
    },
  };
};
