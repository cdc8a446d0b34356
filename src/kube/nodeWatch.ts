import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { OperatorError } from '../lib/operatorError.ts';
import { parseJson, understood } from './answer.ts';
import type { KubeConnection } from './connection.ts';
import type { KubeNode } from './kubernetes.ts';
import { node } from './objects.ts';

/** How long the server is asked to keep a watch open, in seconds: limits how long a dead connection goes unnoticed. */
const watchSeconds = 300;
/** How much longer it may take, in milliseconds. */
const graceMs = 10_000;
/** How often in a row the version just listed may already have expired. */
const patience = 3;

const path = '/api/v1/nodes';
const event = v.variant('type', [
  v.object({ type: v.picklist(['ADDED', 'MODIFIED', 'DELETED']), object: node }),
  v.object({ type: v.literal('BOOKMARK') }),
  v.object({
    type: v.literal('ERROR'),
    object: v.object({ code: v.nullish(v.number(), 0), message: v.nullish(v.string(), '') }),
  }),
]);
const gone = 410;

type NodeListener = (nodes: readonly KubeNode[]) => void;

/** See `Kubernetes.watchNodes`. */
export const watchNodes = async (api: KubeConnection, listener: NodeListener, signal: AbortSignal): Promise<void> => {
  try {
    for (let idle = 0; idle < patience;) {
      const one = new NodeWatch(api, listener);
      if ((await one.run(signal)) !== gone) return;
      idle = one.heard ? 0 : idle + 1;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  throw new OperatorError('kubernetes', `The Kubernetes API expired the list immediately: ${path}`, {
    retry: 'soon',
  });
};

/** One list, and the watch that continues from it. */
class NodeWatch {
  heard = false;
  private readonly api: KubeConnection;
  private readonly listener: NodeListener;
  private nodes = new Map<string, KubeNode>();
  private isGone = false;

  constructor(api: KubeConnection, listener: NodeListener) {
    this.api = api;
    this.listener = listener;
  }

  /** 410 if the version has expired on the server; any other status is a watch that ended normally. */
  async run(signal: AbortSignal): Promise<number> {
    const { items, version } = await this.api.list(path, node, signal);
    this.nodes = new Map(items.map((n) => [n.name, n]));
    this.listener(items);
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${encodeURIComponent(version)}`;
    const limitMs = watchSeconds * 1000 + graceMs;
    const status = await this.api.follow(`${path}?${query}`, limitMs, signal, (lines) => this.take(lines));
    return this.isGone ? gone : status;
  }

  // Kubelets update their Nodes constantly: only changes in fields we use are reported, once per chunk of the stream.
  private take(lines: readonly string[]): boolean {
    const changes = lines.map((line) => this.apply(line));
    if (changes.includes(true)) this.listener([...this.nodes.values()]);
    return !this.isGone;
  }

  private apply(line: string): boolean {
    const change = understood(`${path} (watch)`, event, parseJson(line));
    if (change.type === 'ERROR') return this.fail(change.object.code, change.object.message);
    this.heard = true;
    if (change.type === 'BOOKMARK') return false;
    const { name } = change.object;
    if (change.type === 'DELETED') return this.nodes.delete(name);
    if (isDeepStrictEqual(this.nodes.get(name), change.object)) return false;
    this.nodes.set(name, change.object);
    return true;
  }

  private fail(code: number, message: string): boolean {
    if (code !== gone) throw new OperatorError('kubernetes', `The Kubernetes API ended the watch: ${code} ${message}`);
    this.isGone = true;
    return false;
  }
}
