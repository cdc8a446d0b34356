import type { Seen, StepId, WriteContext } from '../engine/step.ts';
import type { BoundPod, KubeNode, KubernetesWriter } from '../kube/kubernetes.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { plural } from '../lib/text.ts';
import type { Names } from '../model/names.ts';
import { apiOf } from './etcd.ts';
import type { After, CloudStep, Writes } from './world.ts';

/** Cluster milliseconds: how often evictions are tried again, and when a drain gives up (kubectl's has no limit of its own). */
const drain = { everyMs: 5000, deadlineMs: 10 * 60_000 } as const;

/** Nodes to be emptied together. */
export interface Drained {
  readonly id: StepId;
  readonly title: string;
  readonly names: Names;
  readonly nodes: readonly string[];
  readonly after: After;
}

interface Load {
  /** Nodes of those that Kubernetes knows. */
  readonly known: readonly string[];
  readonly open: readonly string[];
  readonly pods: readonly BoundPod[];
}

const isMovable = (pod: BoundPod): boolean => pod.kind === 'bare' || pod.kind === 'controlled';

const words = (load: Load): string => {
  const bare = load.pods.filter((p) => p.kind === 'bare').length;
  const lost = bare === 0 ? '' : `, ${bare} of them without a controller: they do not come back`;
  return `${plural(load.pods.length, 'pod')} on ${plural(load.known.length, 'node')}${lost}`;
};

/**
 * Cordons the nodes, all before the first pod is evicted (else it would move to the next of them), and evicts their pods as
 * PodDisruptionBudgets allow. What blocks at the deadline is named, and the nodes take pods again.
 */
export const drainNodes = (d: Drained): CloudStep<void, Load> => ({
  id: d.id,
  looksAgain: true,
  title: d.title,
  after: d.after,
  timeoutMs: drain.deadlineMs + 120_000,
  expectedMs: 20_000,
  observe: async (ctx): Promise<Seen<Load>> => {
    const kubernetes = await apiOf(ctx.world, d.names);
    const nodes = (await kubernetes.nodes(ctx.signal)).filter((n) => d.nodes.includes(n.name));
    const pods = await podsOn(
      kubernetes,
      nodes.map((n) => n.name),
    );
    const open = nodes.filter((n) => !n.unschedulable).map((n) => n.name);
    return { state: 'present', facts: { known: nodes.map((n) => n.name), open, pods } };
  },
  decide: (seen) => {
    if (seen.state !== 'present') return { do: 'update' };
    const { known, open, pods } = seen.facts;
    if (open.length === 0 && pods.length === 0) return { do: 'nothing', out: undefined };
    const gcloud = `kubectl drain ${known.join(' ')} --ignore-daemonsets --delete-emptydir-data --force`;
    return { do: 'update', detail: words(seen.facts), gcloud };
  },
  perform: async (ctx) => {
    const kubernetes = await apiOf(ctx.world, d.names);
    for (const node of d.nodes) await kubernetes.cordon(node, true);
    const start = ctx.clock.monotonic();
    await poll(ctx.clock, drain.everyMs, ctx.signal, async () => {
      const pods = await podsOn(kubernetes, d.nodes);
      if (pods.length === 0) return true;
      const blocked = await evictAll(kubernetes, pods, ctx);
      if (ctx.clock.monotonic() - start < drain.deadlineMs) return undefined;
      for (const node of d.nodes) await kubernetes.cordon(node, false);
      throw stuck(pods, blocked);
    });
  },
});

// One question for many nodes; for one the server selects, because a cluster may have many thousand pods.
const podsOn = async (
  kubernetes: Pick<KubernetesWriter, 'boundPods' | 'nodes'>,
  nodes: readonly string[],
): Promise<BoundPod[]> => {
  if (nodes.length === 0) return [];
  const bound = await kubernetes.boundPods(nodes.length === 1 ? nodes[0] : undefined);
  const wanted = new Set(nodes);
  const pods = bound.filter((p) => wanted.has(p.node) && isMovable(p));
  if (!pods.some((p) => p.ending)) return pods;
  const silent = new Set((await kubernetes.nodes()).filter(isSilent).map((n) => n.name));
  return pods.filter((p) => !p.ending || !silent.has(p.node));
};

// Set by the node lifecycle controller while a kubelet is silent. Nobody is there to end the pods: they go with the Node object
// (kubectl drain: --skip-wait-for-delete-timeout).
const isSilent = (n: KubeNode): boolean => n.taints.some((t) => t.startsWith('node.kubernetes.io/unreachable:'));

const evictAll = async (
  kubernetes: KubernetesWriter,
  pods: readonly BoundPod[],
  ctx: WriteContext<Writes>,
): Promise<string[]> => {
  const blocked: string[] = [];
  for (const pod of pods.filter((p) => !p.ending)) {
    const asked = await kubernetes.evict(pod);
    if (!asked.done) blocked.push(`${pod.namespace}/${pod.name}: ${asked.blocked}`);
  }
  const waits = blocked.length === 0 ? '' : `; blocked: ${blocked.join('; ')}`;
  ctx.progress(`${plural(pods.length, 'pod')} left${waits}`);
  return blocked;
};

const stuck = (pods: readonly BoundPod[], blocked: readonly string[]): OperatorError => {
  const what = blocked.length > 0 ? blocked : pods.map((p) => `${p.namespace}/${p.name} does not end`);
  return new OperatorError('refused', `Not drained within ${drain.deadlineMs / 60_000} min: ${what.join('; ')}`, {
    remedy:
      'Give those workloads room elsewhere or change their PodDisruptionBudget, then: trizone resume. The nodes take pods again.',
  });
};

/** Deletes Node objects whose machines are gone or about to go: nobody else is sure to (the controller manager looks by name). */
export const forgetNodes = (d: Drained): CloudStep<void, readonly string[]> => ({
  id: d.id,
  looksAgain: true,
  title: d.title,
  after: d.after,
  timeoutMs: 300_000,
  expectedMs: 2000,
  observe: async (ctx): Promise<Seen<readonly string[]>> => {
    const nodes = await (await apiOf(ctx.world, d.names)).nodes(ctx.signal);
    return { state: 'present', facts: nodes.map((n) => n.name).filter((name) => d.nodes.includes(name)) };
  },
  decide: (seen) => {
    const found = seen.state === 'present' ? seen.facts : d.nodes;
    if (found.length === 0) return { do: 'nothing', out: undefined };
    return { do: 'delete', detail: found.join(', '), gcloud: `kubectl delete node ${found.join(' ')}` };
  },
  perform: async (ctx, _change, seen) => {
    const kubernetes = await apiOf(ctx.world, d.names);
    for (const name of seen.state === 'present' ? seen.facts : d.nodes) await kubernetes.deleteNode(name);
  },
});
