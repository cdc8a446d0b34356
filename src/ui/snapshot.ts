import type { Remedy } from '../lib/remedy.ts';
import type { ClusterStatus } from '../steps/status.ts';

/** An error as stored, cached, and shown, without its class. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string | undefined;
  /** The same as separate remedies; runs of earlier Trizone versions have only the text. */
  readonly remedies?: readonly Remedy[] | undefined;
}

/** One cluster with the age of its Kubernetes half; the cloud's half is as old as the snapshot. */
export interface ObservedCluster extends ClusterStatus {
  /** Wall time (ms) of the last answer from Kubernetes; undefined if it has never answered. */
  readonly kubernetesAt: number | undefined;
  /** Wall time (ms) since which the API has not answered; undefined while it does or before the first request. */
  readonly unreachableSince: number | undefined;
}

/** The data behind tree, status view, and status bar; plain data, stored on disk as it is. */
export interface Snapshot {
  /** Label of the cloud, as in a plan's first line. */
  readonly cloud: string;
  readonly project: string;
  /** Wall time (ms) at which the cloud half was read; 0 = never, when there is a problem and not even a cache. */
  readonly at: number;
  /** Read by this window since it became visible, not from the cache. */
  readonly fresh: boolean;
  readonly clusters: readonly ObservedCluster[];
  /** Why the cloud cannot be read: `clusters` is then the last known state. */
  readonly problem: Problem | undefined;
}

/** Last validation of a cluster, shown until the next one. */
export interface Validation {
  readonly cluster: string;
  /** Wall time, milliseconds. */
  readonly at: number;
  readonly checks: readonly { readonly id: string; readonly ok: boolean; readonly evidence: string }[];
}
