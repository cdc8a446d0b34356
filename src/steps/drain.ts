import type { Message } from '../lib/message.ts';
import { cleanedUp } from '../engine/cleanUp.ts';
import { knownFacts, type StepId, type WriteContext } from '../engine/step.ts';
import type { BoundPod, KubeNode, KubernetesWriter } from '../kube/kubernetes.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { plural } from '../lib/text.ts';
import type { Names } from '../model/names.ts';
import { apiOf } from './kubernetesApi.ts';
import { takeBackCordons } from './takeBack.ts';
import { knownAll, type After, type CloudStep, type Reads, type Writes } from './world.ts';

/** Cluster milliseconds: eviction retry interval and deadline of a drain (kubectl has no default deadline). */
const drain = { everyMs: 5000, deadlineMs: 10 * 60_000 } as const;

/** Nodes to drain together. */
export interface Drained {
  readonly id: StepId;
  readonly title: Message;
  readonly names: Names;
  readonly nodes: readonly string[];
  /** The nodes to drain at that moment; default: all of them. */
  due?(world: Reads): Promise<readonly string[]>;
  readonly after: After;
}

interface Load {
  /** The nodes to drain. */
  readonly nodes: readonly string[];
  /** Those of the nodes that Kubernetes knows. */
  readonly known: readonly string[];
  readonly open: readonly string[];
  readonly pods: readonly BoundPod[];
}

const isMovable = (pod: BoundPod): boolean => pod.kind === 'bare' || pod.kind === 'controlled';

const words = (load: Load): string => {
  const bare = load.pods.filter((p) => p.kind === 'bare').length;
  const lost = bare === 0 ? '' : `, ${bare} of them without a controller, which will not be re-created`;
  return `${plural(load.pods.length, 'pod')} on ${plural(load.known.length, 'node')}${lost}`;
};

/**
 * Cordons the nodes, all before the first pod is evicted (else it would move to the next of them), and evicts their
 * pods as PodDisruptionBudgets allow. At the deadline, the error names what blocks. If it ends before they are empty,
 * the nodes it cordoned are uncordoned; manually cordoned ones stay cordoned.
 */
export const drainNodes = (drained: Drained): CloudStep<void, Load> => ({
  id: drained.id,
  looksAgain: true,
  title: drained.title,
  after: drained.after,
  timeoutMs: drain.deadlineMs + 120_000,
  cleansUp: true,
  expectedMs: 20_000,
  observe: async (ctx) => {
    const kubernetes = await apiOf(ctx.world, drained.names);
    const nodes = (await drained.due?.(ctx.world)) ?? drained.nodes;
    const there = (await kubernetes.nodes(ctx.signal)).filter((n) => nodes.includes(n.name));
    const known = there.map((n) => n.name);
    const pods = await podsOn(kubernetes, known);
    const open = there.filter((n) => !n.unschedulable).map((n) => n.name);
    return { nodes, known, open, pods };
  },
  decide: (seen) => {
    const load = knownFacts(seen);
    const { known, open, pods } = load;
    if (open.length === 0 && pods.length === 0) return { do: 'nothing', out: undefined };
    const gcloud = `kubectl drain ${known.join(' ')} --ignore-daemonsets --delete-emptydir-data --force`;
    return { do: 'update', detail: words(load), gcloud };
  },
  perform: async (ctx, _change, { nodes, open }) => {
    const kubernetes = await apiOf(ctx.world, drained.names);
    let empty = false;
    const work = async (): Promise<void> => {
      for (const node of open) await kubernetes.cordon(node, ctx.run);
      await emptied(kubernetes, nodes, ctx);
      empty = true;
    };
    await cleanedUp(ctx, work, async () => (empty ? undefined : takeBackCordons(kubernetes, ctx.run, nodes)));
  },
});

const emptied = async (
  kubernetes: KubernetesWriter,
  nodes: readonly string[],
  ctx: WriteContext<Writes>,
): Promise<void> => {
  const start = ctx.clock.monotonic();
  await poll(ctx.clock, drain.everyMs, ctx.signal, async () => {
    const pods = await podsOn(kubernetes, nodes);
    if (pods.length === 0) return true;
    const blocked = await evictAll(kubernetes, pods, ctx);
    if (ctx.clock.monotonic() - start < drain.deadlineMs) return undefined;
    throw stuck(pods, blocked);
  });
};

// One request for many nodes; for a single node, the server filters, because a cluster may have many thousands of pods.
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

// Set by the node lifecycle controller while a kubelet is silent. No kubelet can terminate the pods: they are deleted
// with the Node object (kubectl drain: --skip-wait-for-delete-timeout).
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
  const what = blocked.length > 0 ? blocked : pods.map((p) => `${p.namespace}/${p.name} does not terminate`);
  return new OperatorError('refused', `Not drained within ${drain.deadlineMs / 60_000} min: ${what.join('; ')}`, {
    remedy: [
      toRun(
        'Add capacity for those workloads on other nodes or change their PodDisruptionBudget, then',
        command`trizone resume`,
      ),
      { text: 'Nodes that were not already cordoned accept pods again.' },
    ],
  });
};

/**
 * Deletes Node objects whose instances are gone or about to go: no controller is certain to (the controller manager
 * checks by name).
 */
export const forgetNodes = (drained: Drained): CloudStep<void, readonly string[]> => ({
  id: drained.id,
  looksAgain: true,
  title: drained.title,
  after: drained.after,
  timeoutMs: 300_000,
  expectedMs: 2000,
  observe: async (ctx) => {
    knownAll(ctx, drained.after);
    const nodes = await (await apiOf(ctx.world, drained.names)).nodes(ctx.signal);
    const due = (await drained.due?.(ctx.world)) ?? drained.nodes;
    return nodes.map((n) => n.name).filter((name) => due.includes(name));
  },
  decide: (seen) => {
    const found = seen.known ? seen.facts : drained.nodes;
    if (found.length === 0) return { do: 'nothing', out: undefined };
    return { do: 'delete', detail: found.join(', '), gcloud: `kubectl delete node ${found.join(' ')}` };
  },
  perform: async (ctx, _change, found) => {
    const kubernetes = await apiOf(ctx.world, drained.names);
    for (const name of found) await kubernetes.deleteNode(name);
  },
});
