import { message } from '../lib/message.ts';
import { knownFacts } from '../engine/step.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Cluster, PoolSpec } from '../model/cluster.ts';
import { restartAfterFix, consoleOf } from './boot.ts';
import { readReport } from './bootReport.ts';
import { poolRef } from './pool.ts';
import type { After, CloudStep, Reads } from './world.ts';

/** A pool's instance whose startup script has given up, with its own message. */
interface Failed {
  readonly name: string;
  readonly bootId: string | undefined;
  readonly text: string;
}

interface Nodes {
  readonly ready: number;
  readonly failed: readonly Failed[];
  /** Why Kubernetes cannot report which nodes are Ready. */
  readonly silent?: string | undefined;
}

/**
 * How many instances are asked for their boot report at most, and how often; a large pool must not cost a request for
 * each.
 */
const asked = { most: 5, everyMs: 30_000 } as const;

/**
 * How many of the pool's instances have a Ready Node and, among some of the others, whose boot failed; or why that is
 * unknown.
 */
const look = async (world: Reads, cluster: Cluster, pool: PoolSpec, andAsk: boolean): Promise<Nodes> => {
  const machines = (await world.cloud.compute.managedInstances(poolRef(cluster, pool))).filter(
    (m) => m.action !== 'DELETING',
  );
  const { ready, silent } = await readyNames(world, cluster);
  const missing = machines.filter((m) => m.status === 'RUNNING' && !ready.has(m.name)).slice(0, asked.most);
  const failed = andAsk ? await Promise.all(missing.map((m) => failureOf(world, pool, m.name))) : [];
  return {
    ready: machines.filter((m) => ready.has(m.name)).length,
    failed: failed.flatMap((f) => f ?? []),
    silent,
  };
};

const readyNames = async (world: Reads, cluster: Cluster): Promise<{ ready: ReadonlySet<string>; silent?: string }> => {
  try {
    const kubernetes = await world.kubernetes(cluster.names.secrets.admin);
    if (kubernetes === undefined) return { ready: new Set(), silent: 'no admin kubeconfig yet' };
    const nodes = await kubernetes.nodes();
    return { ready: new Set(nodes.filter((n) => n.ready).map((n) => n.name)) };
  } catch (error) {
    if (OperatorError.is(error, 'kubernetes')) return { ready: new Set(), silent: error.message };
    throw error;
  }
};

const failureOf = async (world: Reads, pool: PoolSpec, name: string): Promise<Failed | undefined> => {
  const { failure, bootId } = await readReport(world, { kind: 'instances', name, zone: pool.zone });
  return failure === undefined ? undefined : { name, bootId, text: failure };
};

const none: Nodes = { ready: 0, failed: [] };

const words = (p: PoolSpec, nodes: Nodes): string => nodes.silent ?? `${nodes.ready}/${p.nodes} Ready`;

const isComplete = (p: PoolSpec, nodes: Nodes): boolean => nodes.silent === undefined && nodes.ready >= p.nodes;

/**
 * Waits until the pool's nodes are Ready in Kubernetes. An instance whose boot had failed before this run observed it
 * (a resume) is restarted; a new failure ends the wait at once.
 */
export const nodesReady = (cluster: Cluster, pool: PoolSpec, after: After): CloudStep<void, Nodes | undefined> => ({
  id: `nodes:${pool.zone}/${poolRef(cluster, pool).name}`,
  title: message('Wait until the nodes of {0} in {1} are Ready', poolRef(cluster, pool).name, pool.zone),
  after,
  timeoutMs: 15 * 60_000,
  ifLate: [
    toRun('To see which nodes are missing', command`trizone status`),
    toRun('For their consoles', command`gcloud compute instances get-serial-port-output NAME --zone=${pool.zone}`),
    { text: 'Resume keeps waiting.' },
  ],
  expectedMs: 60_000,
  observe: async (ctx) => {
    if ((await ctx.world.cloud.compute.get(poolRef(cluster, pool))) === undefined) return undefined;
    return look(ctx.world, cluster, pool, true);
  },
  decide: (seen) => {
    const nodes = knownFacts(seen);
    if (nodes === undefined) return { do: 'wait', detail: words(pool, none) };
    if (isComplete(pool, nodes)) return { do: 'nothing', out: undefined };
    const { failed } = nodes;
    if (failed.length === 0) return { do: 'wait', detail: words(pool, nodes) };
    const names = failed.map((f) => f.name).join(' ');
    return {
      do: 'update',
      detail: `${words(pool, nodes)}; restart ${failed.map((f) => `${f.name}, its boot failed: ${f.text}`).join('; ')}`,
      gcloud: `gcloud compute instances reset ${names} --zone=${pool.zone}`,
    };
  },
  perform: async (ctx, change, before) => {
    const { compute } = ctx.world.cloud;
    const restarted = change.do === 'update' ? (before?.failed ?? []) : [];
    for (const { name } of restarted)
      await compute.act(await compute.own({ kind: 'instances', name, zone: pool.zone }), 'reset', {}, ctx.call(name));
    let next = ctx.clock.monotonic() + asked.everyMs;
    await poll(ctx.clock, 3000, ctx.signal, async () => {
      const ask = ctx.clock.monotonic() >= next;
      if (ask) next = ctx.clock.monotonic() + asked.everyMs;
      const nodes = await look(ctx.world, cluster, pool, ask);
      ctx.progress(words(pool, nodes));
      const news = nodes.failed.find((f) => !restarted.some((r) => r.name === f.name && r.bootId === f.bootId));
      if (news !== undefined) throw bootFailed(pool, words(pool, nodes), news);
      return isComplete(pool, nodes) || undefined;
    });
  },
});

const bootFailed = (pool: PoolSpec, ready: string, failed: Failed): OperatorError =>
  new OperatorError(
    'boot-failed',
    `${ready}. An instance in the pool reported a failed boot: ${failed.name}: ${failed.text}`,
    {
      remedy: [{ text: `${restartAfterFix}.` }, consoleOf({ name: failed.name, zone: pool.zone })],
    },
  );
