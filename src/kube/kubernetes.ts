/** A Node as validation and the views need it. */
export interface KubeNode {
  readonly name: string;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  /** `key=value:effect`, value left out where empty. */
  readonly taints: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly providerId: string;
  readonly podCidr: string;
  readonly kubeletVersion: string;
  /** Creation time, milliseconds since the epoch. */
  readonly created: number;
}

/** A Pod as validation needs it. */
export interface KubePod {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** One member of etcd; ids are hex strings, never numbers (64 bits do not fit). */
export interface EtcdMember {
  readonly id: string;
  readonly name: string;
  readonly started: boolean;
  readonly learner: boolean;
  readonly leader: boolean;
  readonly peerUrl: string;
  /** Size of the database in bytes, 0 where unknown. */
  readonly dbSize: number;
  readonly healthy: boolean;
}

/** State of etcd, asked by exec in a master's static pod. */
export interface EtcdState {
  readonly members: readonly EtcdMember[];
  readonly alarms: readonly string[];
}

/**
 * Reading half of the Kubernetes API; every call has a deadline of 5 s and fails with code `kubernetes`, or with `cancelled` when
 * its signal aborts.
 */
export interface Kubernetes {
  /** The checks of `/readyz?verbose`: names of those that failed, or the reason why nothing answered. */
  readyz(): Promise<{ ok: boolean; failed: readonly string[] }>;
  /** `v1.37.2` */
  version(): Promise<string>;
  nodes(signal?: AbortSignal): Promise<KubeNode[]>;
  pods(namespace: string): Promise<KubePod[]>;
  /** Renew times (milliseconds) of the leases of a namespace by name. */
  leases(namespace: string): Promise<ReadonlyMap<string, number>>;
  /** `etcdctl member list`, `endpoint status`, `alarm list` in the static pod `etcd-<master>`. */
  etcd(master: string, signal?: AbortSignal): Promise<EtcdState>;
  /**
   * Lists the nodes, then watches them: tells all of them at once and whenever one of them is another than before. Resolves when
   * the server ends the watch (after at most five minutes) or the signal aborts; fails with code `kubernetes` when it cannot
   * connect within 5 s or the connection is cut.
   */
  watchNodes(tell: (nodes: readonly KubeNode[]) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Makes a connection from the text of a kubeconfig. */
export type ConnectKubernetes = (kubeconfig: string) => Promise<Kubernetes>;
