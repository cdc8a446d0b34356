import type { Clock } from '../lib/clock.ts';
import type { NodeWords } from '../model/clusterStatus.ts';
import type { CloudCluster, KubernetesAccess, KubernetesHalf } from '../steps/status.ts';
import type { Snapshot } from './snapshot.ts';

/** What an observation needs of an opened session. */
export interface ObservationSource {
  /** The cloud in words. */
  readonly cloud: string;
  readonly project: string;
  /** The cloud half of all clusters. */
  readonly readCloud: () => Promise<readonly CloudCluster[]>;
  /** The Kubernetes half of one cluster; an API that does not answer is an answer, not an error. */
  readonly readKubernetes: (door: KubernetesAccess, signal: AbortSignal) => Promise<KubernetesHalf>;
  /** Tells the nodes of one cluster now and at every change; ends as `Kubernetes.watchNodes` does. */
  readonly watchNodes: (door: KubernetesAccess, tell: (nodes: NodeWords) => void, signal: AbortSignal) => Promise<void>;
}

/** What an observation is made of. */
export interface ObservationParts {
  /** Asked at every refresh: gives the same source as long as the connection is good, another one after it broke. */
  readonly source: () => Promise<ObservationSource>;
  readonly wall: Clock;
  /** Where the snapshot of the connection that is configured now is kept; another connection, another file. */
  readonly cacheFile: () => string;
  /** Milliseconds of wall time from the beginning of one refresh to that of the next. */
  readonly everyMs: () => number;
  /** Told whenever something but the time changed; undefined = nothing is known of this connection yet. Must not throw. */
  readonly listen: (snapshot: Snapshot | undefined) => void;
}
