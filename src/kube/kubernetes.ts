/** A Node, as validation and the views use it. */
export interface KubeNode {
  readonly name: string;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  /** `key=value:effect`; the value is omitted if empty. */
  readonly taints: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly providerId: string;
  readonly podCidr: string;
  readonly kubeletVersion: string;
  /**
   * When the first of a master's certificates expires, milliseconds since the epoch; reported by the master
   * (`boot/parts/care.ts`).
   */
  readonly certificatesEnd?: number;
  /** The run that cordoned it and has not uncordoned it (`cordon`); not set by a manual cordon. */
  readonly cordonedBy?: string;
  /** Creation time, milliseconds since the epoch. */
  readonly created: number;
}

/** A Pod, as validation uses it. */
export interface KubePod {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** A Pod that blocks a drain. */
export interface BoundPod {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  /**
   * How a drain treats it, as in kubectl: `mirror` pods belong to their node, `daemon` pods would be re-created at
   * once, `over` ones have ended; `bare` ones have no controller to re-create them.
   */
  readonly kind: 'mirror' | 'daemon' | 'over' | 'bare' | 'controlled';
  /** Already evicted and terminating. */
  readonly ending: boolean;
}

/** A Lease, as validation uses it. */
export interface KubeLease {
  readonly name: string;
  /** When its holder last renewed it, milliseconds since the epoch. */
  readonly renewed: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** An object's namespace and name. */
export interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** A PersistentVolume. */
export interface Volume {
  readonly name: string;
  /** Name of its disk; empty if it is not a Compute Engine disk. */
  readonly disk: string;
  /** Whether its disk is deleted with its claim (reclaim policy Delete); otherwise it is meant to be kept. */
  readonly goes: boolean;
  /** `namespace/name` of its claim; empty if it has none. */
  readonly claim: string;
}

/** Objects of the cluster that use cloud resources. */
export interface CloudUsers {
  /** Services of type LoadBalancer. */
  readonly balancers: readonly Named[];
  /** Claims whose volume is not meant to be kept. */
  readonly claims: readonly Named[];
  /** Pods that use those claims: a claim cannot be deleted while one of them runs. */
  readonly pods: readonly (Named & { readonly ending: boolean })[];
  readonly volumes: readonly Volume[];
}

/** One etcd member; IDs are hex strings, never numbers (64 bits do not fit). */
export interface EtcdMember {
  readonly id: string;
  readonly name: string;
  readonly started: boolean;
  readonly learner: boolean;
  readonly leader: boolean;
  readonly peerUrl: string;
  /** Its client URL; empty until it has started. */
  readonly clientUrl: string;
  /** Size of the database in bytes; 0 if unknown. */
  readonly dbSize: number;
  readonly healthy: boolean;
}

/** State of etcd, queried by exec in a master's static pod. */
export interface EtcdState {
  readonly members: readonly EtcdMember[];
  readonly alarms: readonly string[];
}

/**
 * Reading half of the Kubernetes API; every call has a timeout of 5 s and fails with code `kubernetes`, or with
 * `cancelled` when its signal aborts.
 */
export interface Kubernetes {
  /** The checks of `/readyz?verbose`: names of the failed ones, or why there was no response. */
  readyz(): Promise<{ ok: boolean; failed: readonly string[] }>;
  /** `/readyz`, as a load balancer checks it; fails unless it returns ok. */
  probe(signal?: AbortSignal): Promise<void>;
  /** `v1.37.2` */
  version(): Promise<string>;
  nodes(signal?: AbortSignal): Promise<KubeNode[]>;
  pods(namespace: string): Promise<KubePod[]>;
  /** Pods of all namespaces on one node, or on all nodes. */
  boundPods(node?: string): Promise<BoundPod[]>;
  /** The log so far of a pod's only container. */
  podLog(namespace: string, name: string): Promise<string>;
  /** Leases of a namespace. */
  leases(namespace: string): Promise<readonly KubeLease[]>;
  cloudUsers(signal?: AbortSignal): Promise<CloudUsers>;
  /** `etcdctl member list`, `endpoint status`, `alarm list` in the static pod `etcd-<master>`. */
  etcd(master: string, signal?: AbortSignal): Promise<EtcdState>;
  /**
   * Lists the nodes, then watches them: reports all of them at once and again whenever one changes. Resolves when the
   * server ends the watch (after at most five minutes) or the signal aborts; fails with code `kubernetes` if it cannot
   * connect within 5 s or the connection breaks.
   */
  watchNodes(tell: (nodes: readonly KubeNode[]) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** An object, as for `kubectl apply`; only the kinds in `plurals` of apply.ts. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

/** Result of an eviction request: 429 from a PodDisruptionBudget is not an error but "not now", with its message. */
export type Eviction = { readonly done: true } | { readonly done: false; readonly blocked: string };

/** Writing half: only performing steps get it (invariant 1). Deleting what is already gone counts as success. */
export interface KubernetesWriter extends Kubernetes {
  /** `kubectl cordon`; the same patch records the run, to distinguish it from a manual cordon. */
  cordon(node: string, run: string): Promise<void>;
  /** `kubectl uncordon`; also removes the run's name. */
  uncordon(node: string): Promise<void>;
  /** policy/v1 Eviction of one pod. */
  evict(pod: { readonly namespace: string; readonly name: string }): Promise<Eviction>;
  deleteNode(name: string): Promise<void>;
  /** Server-side apply under the field manager `trizone`: creates or updates the object. */
  apply(object: Manifest, signal?: AbortSignal): Promise<void>;
  /**
   * Requests an object's deletion: controllers then clean up, in the cluster and in the cloud, and it disappears some
   * time later. A namespace is deleted with its contents.
   */
  remove(object: Manifest): Promise<void>;
  /**
   * `etcdctl member remove ID` in the static pod of `master`; refusals such as "unhealthy cluster" may be transient:
   * retry soon.
   */
  removeMember(master: string, id: string): Promise<void>;
  /** `etcdctl move-leader ID`, with all these client URLs as endpoints: the leader must be among them. */
  moveLeader(master: string, id: string, clientUrls: readonly string[]): Promise<void>;
}

/** Connects using the text of a kubeconfig. */
export type ConnectKubernetes = (kubeconfig: string) => Promise<KubernetesWriter>;
