import type { Remedy } from '../lib/remedy.ts';
import type { ClusterStatus } from '../steps/status.ts';

/** What went wrong, as it is kept, cached and shown: an error without its class. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string | undefined;
  /** The same part by part; an earlier Trizone's runs have the line alone. */
  readonly remedies?: readonly Remedy[] | undefined;
}

/** One cluster with the age of its Kubernetes half; the cloud's half is as old as the snapshot. */
export interface ObservedCluster extends ClusterStatus {
  /** Wall time (ms) of the last answer from Kubernetes; undefined where it has never answered. */
  readonly kubernetesAt: number | undefined;
  /** Wall time (ms) since when the API has not answered; undefined while it does or has not been asked yet. */
  readonly unreachableSince: number | undefined;
}

/** What tree, status view and status bar are drawn from; plain data, kept on disk as it is. */
export interface Snapshot {
  /** The cloud in words, as in a plan's first line. */
  readonly cloud: string;
  readonly project: string;
  /** Wall time (ms) at which the cloud's half was read; 0 = never, where not even a cache is there beside the problem. */
  readonly at: number;
  /** Read by this window since it looked, not from the cache. */
  readonly fresh: boolean;
  readonly clusters: readonly ObservedCluster[];
  /** Why the cloud could not be asked: `clusters` is then what was last known. */
  readonly problem: Problem | undefined;
}

/** Last validation of a cluster, shown until the next one. */
export interface Validation {
  readonly cluster: string;
  /** Wall time, milliseconds. */
  readonly at: number;
  readonly checks: readonly { readonly id: string; readonly ok: boolean; readonly evidence: string }[];
}
