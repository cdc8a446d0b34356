import { withDeadline } from '../lib/deadline.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { kubernetesFacts, joinFacts, noFacts, type NodeWords } from '../model/clusterStatus.ts';
import type { CloudCluster, KubernetesHalf } from '../steps/status.ts';
import { NodeWatches } from './nodeWatches.ts';
import type { ObservationParts, ObservationSource } from './observationParts.ts';
import type { ObservedCluster, Problem, Snapshot } from './snapshot.ts';
import { isSame, readSnapshot, saveSnapshot } from './snapshotFile.ts';

/** Timeout of the cloud half; Google's client retries by itself within it. */
const cloudMs = 60_000;
/** Timeout of the Kubernetes half. */
const kubernetesMs = 5_000;
/** Minimum time between two writes of the cache: each is synced to disk. */
const saveEveryMs = 30_000;

const nothing: Snapshot = { cloud: '', project: '', at: 0, fresh: false, clusters: [], problem: undefined };

/** Snapshot of one connection, from the cache and from later answers. */
export class Findings {
  private readonly parts: ObservationParts;
  private readonly file: string;
  private readonly watches: NodeWatches;
  private seen: Snapshot | undefined;
  private shown: { readonly snapshot: Snapshot | undefined } | undefined;
  private asking = new AbortController();
  private isClosed = false;
  private looked = false;
  private savedAt = -Infinity;
  private isUnsaved = false;

  constructor(parts: ObservationParts) {
    this.parts = parts;
    this.file = parts.cacheFile();
    this.watches = new NodeWatches(parts.wall);
    this.seen = readSnapshot(this.file);
  }

  get snapshot(): Snapshot | undefined {
    return this.seen;
  }

  /** Whether a view is visible: nodes are watched between refreshes only then. */
  set isLooked(on: boolean) {
    this.looked = on;
    if (!on) this.watches.closeAll();
  }

  /** Notifies the listener, unless only the times have changed. */
  publish(): void {
    if (this.isClosed || (this.shown !== undefined && isSame(this.shown.snapshot, this.seen))) return;
    this.shown = { snapshot: this.seen };
    this.parts.listen(this.seen);
  }

  /**
   * Reads the cloud, publishes its half, then reads Kubernetes of every cluster. Never
   * rejects: problems are published. `answered` is called between the halves.
   */
  async refresh(answered: () => void): Promise<void> {
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      const { source, clusters } = await this.askCloud(signal);
      this.tookCloud(source, clusters);
      answered();
      await Promise.all(clusters.map((c) => this.askKubernetes(source, c, signal)));
    } catch (error) {
      if (!signal.aborted) this.failed(error);
    }
    this.save(saveEveryMs);
  }

  /** Aborts all requests under way; the snapshot stays. */
  release(): void {
    this.asking.abort();
    this.watches.closeAll();
    this.save(0);
  }

  /** Releases, and stops publishing. */
  close(): void {
    this.release();
    this.isClosed = true;
  }

  private askCloud(signal: AbortSignal): Promise<{ source: ObservationSource; clusters: readonly CloudCluster[] }> {
    const late = () =>
      new OperatorError('timeout', `The cloud is not responding: no response within ${cloudMs / 1000} s`, {
        retry: 'soon',
      });
    return withDeadline(this.parts.wall, cloudMs, signal, late, async () => {
      const source = await this.parts.source();
      return { source, clusters: await source.readCloud() };
    });
  }

  private tookCloud(source: ObservationSource, clusters: readonly CloudCluster[]): void {
    const old = new Map(this.seen?.clusters.map((c) => [c.uid, c]));
    const { cloud, project } = source;
    const observed = clusters.map(({ status }) => withLastFacts(status, old.get(status.uid)));
    this.watches.keepOnly(new Set(observed.map((c) => c.uid)));
    const at = this.parts.wall.now();
    this.update({ cloud, project, at, fresh: true, clusters: observed, problem: undefined });
  }

  private async askKubernetes(
    source: ObservationSource,
    { status, access: door }: CloudCluster,
    signal: AbortSignal,
  ): Promise<void> {
    const half = await this.half((ends) => source.readKubernetes(door, ends), signal);
    const now = this.parts.wall.now();
    this.change(status.uid, (cluster) =>
      'facts' in half
        ? { ...joinFacts(cluster, half.facts), unreachable: undefined, unreachableSince: undefined, kubernetesAt: now }
        : {
            ...cluster,
            unreachable: half.unreachable,
            unreachableSince: half.early ? undefined : (cluster.unreachableSince ?? now),
          },
    );
    // A watch on a silently dead connection would hide that the API answers again elsewhere.
    if (!('facts' in half)) this.watches.close(status.uid);
    else if (this.looked && !signal.aborted) {
      const take = (nodes: NodeWords): void => this.tookNodes(status.uid, nodes);
      this.watches.open(status.uid, take, (publish, ends) => source.watchNodes(door, publish, ends));
    }
  }

  private async half(
    ask: (signal: AbortSignal) => Promise<KubernetesHalf>,
    signal: AbortSignal,
  ): Promise<KubernetesHalf> {
    const unreachable = `The Kubernetes API is not responding: no response within ${kubernetesMs / 1000} s`;
    const late = () => new OperatorError('kubernetes', unreachable);
    try {
      return await withDeadline(this.parts.wall, kubernetesMs, signal, late, ask);
    } catch (error) {
      if (!signal.aborted && OperatorError.is(error, 'kubernetes')) return { unreachable: error.message };
      throw error;
    }
  }

  private tookNodes(uid: string, nodes: NodeWords): void {
    const kubernetesAt = this.parts.wall.now();
    this.change(uid, (c) => ({ ...joinFacts(c, { ...kubernetesFacts(c), nodes }), kubernetesAt }));
  }

  private failed(error: unknown): void {
    this.update({ ...(this.seen ?? nothing), problem: problemOf(error) });
  }

  private change(uid: string, next: (cluster: ObservedCluster) => ObservedCluster): void {
    if (this.seen === undefined) return;
    this.update({ ...this.seen, clusters: this.seen.clusters.map((c) => (c.uid === uid ? next(c) : c)) });
  }

  private update(snapshot: Snapshot): void {
    this.seen = snapshot;
    this.isUnsaved = snapshot.fresh;
    this.publish();
  }

  private save(atMostEveryMs: number): void {
    const now = this.parts.wall.monotonic();
    if (this.seen === undefined || !this.isUnsaved || now - this.savedAt < atMostEveryMs) return;
    this.savedAt = now;
    this.isUnsaved = false;
    saveSnapshot(this.file, this.seen);
  }
}

const withLastFacts = (status: CloudCluster['status'], old: ObservedCluster | undefined): ObservedCluster => ({
  ...joinFacts(status, old === undefined ? noFacts : kubernetesFacts(old)),
  unreachable: old?.unreachable,
  unreachableSince: old?.unreachableSince,
  kubernetesAt: old?.kubernetesAt,
});

const problemOf = (error: unknown): Problem => {
  const { code, message, remedy } = asOperatorError(error);
  return remedy === undefined ? { code, message } : { code, message, remedy };
};
