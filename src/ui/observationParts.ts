import type { Clock } from '../lib/clock.ts';
import type { NodeWords } from '../model/clusterStatus.ts';
import type { CloudCluster, KubernetesAccess, KubernetesHalf } from '../steps/status.ts';
import type { Snapshot } from './snapshot.ts';

/** What an observation needs from an open session. */
export interface ObservationSource {
  /** Label of the cloud. */
  readonly cloud: string;
  readonly project: string;
  /** The cloud half of all clusters. */
  readonly readCloud: () => Promise<readonly CloudCluster[]>;
  /** The Kubernetes half of one cluster; an API that is not responding is a result, not an error. */
  readonly readKubernetes: (door: KubernetesAccess, signal: AbortSignal) => Promise<KubernetesHalf>;
  /** Reports the nodes of one cluster now and at every change; ends as `Kubernetes.watchNodes` does. */
  readonly watchNodes: (door: KubernetesAccess, tell: (nodes: NodeWords) => void, signal: AbortSignal) => Promise<void>;
}

/** Dependencies of an observation. */
export interface ObservationParts {
  /** Called at every refresh: returns the same source while the connection is good, another one after it broke. */
  readonly source: () => Promise<ObservationSource>;
  readonly wall: Clock;
  /** Snapshot file of the currently configured connection; each connection has its own file. */
  readonly cacheFile: () => string;
  /** Milliseconds of wall time between the starts of two refreshes. */
  readonly everyMs: () => number;
  /** Called whenever anything except the time changed; undefined = no data of this connection yet. Must not throw. */
  readonly listen: (snapshot: Snapshot | undefined) => void;
}
