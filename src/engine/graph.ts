import { OperatorError } from '../lib/operatorError.ts';

/** The part of a step that the graph uses. */
export interface Node {
  readonly id: string;
  readonly after: readonly Node[];
}

/** Rejects duplicate IDs and predecessors that are missing or listed later: workflows read as a table of contents. */
export const checkOrder = (nodes: readonly Node[]): void => {
  const seen = new Set<Node>();
  const ids = new Set<string>();
  for (const node of nodes) {
    if (ids.has(node.id)) throw new OperatorError('internal', `Step is listed twice: ${node.id}`);
    for (const before of node.after) {
      if (!seen.has(before)) {
        throw new OperatorError('internal', `Step comes before its predecessor: ${node.id} after ${before.id}`);
      }
    }
    seen.add(node);
    ids.add(node.id);
  }
};

/**
 * Runs `work` on every node as soon as all its predecessors are done, at most `limit` at once, preferring list order.
 * After the first failure, nothing new starts and running work is awaited. Rejects with the first failure.
 */
export const runGraph = async <N extends Node>(
  nodes: readonly N[],
  limit: number,
  work: (node: N) => Promise<void>,
): Promise<void> => {
  checkOrder(nodes);
  const waiting = [...nodes];
  const done = new Set<Node>();
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const startReady = (): void => {
    for (let i = 0; i < waiting.length && running.size < limit && failures.length === 0;) {
      const node = waiting[i];
      if (!node?.after.every((a) => done.has(a))) {
        i++;
        continue;
      }
      waiting.splice(i, 1);
      const run: Promise<void> = work(node)
        .then(
          () => void done.add(node),
          (error: unknown) => void failures.push(error),
        )
        .finally(() => running.delete(run));
      running.add(run);
    }
  };
  for (startReady(); running.size > 0; startReady()) await Promise.race(running);
  if (failures.length > 0) throw failures[0];
};

/** The longest chain by weight: the IDs on it, first to last, and its length. */
export const criticalPath = (
  nodes: readonly Node[],
  weight: (node: Node) => number,
): { readonly ids: readonly string[]; readonly length: number } => {
  const best = new Map<Node, { ids: string[]; length: number }>();
  let longest: { ids: string[]; length: number } = { ids: [], length: 0 };
  for (const node of nodes) {
    let before: { ids: string[]; length: number } = { ids: [], length: 0 };
    for (const a of node.after) {
      const path = best.get(a);
      if (path !== undefined && path.length > before.length) before = path;
    }
    const own = { ids: [...before.ids, node.id], length: before.length + weight(node) };
    best.set(node, own);
    if (own.length > longest.length) longest = own;
  }
  return longest;
};
