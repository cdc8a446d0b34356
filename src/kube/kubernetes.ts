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
  /** When the first of a master's certificates ends, milliseconds since the epoch, as it says itself (`boot/parts/care.ts`). */
  readonly certificatesEnd?: number;
  /** The run that cordoned it and has not taken that back (`cordon`); a person's cordon names none. */
  readonly cordonedBy?: string;
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

/** A Pod that blocks a drain. */
export interface BoundPod {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  /**
   * What a drain does with it, as kubectl's: `mirror` pods are their node's own, `daemon` pods would come back at once, `over`
   * ones have ended; `bare` ones have no controller that makes them again.
   */
  readonly kind: 'mirror' | 'daemon' | 'over' | 'bare' | 'controlled';
  /** Evicted already, and still ending. */
  readonly ending: boolean;
}

/** A Lease as validation needs it. */
export interface KubeLease {
  readonly name: string;
  /** When its holder last renewed it, milliseconds since the epoch. */
  readonly renewed: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** An object by its name. */
export interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** A PersistentVolume. */
export interface Volume {
  readonly name: string;
  /** Name of its disk; empty where it is none of Compute Engine. */
  readonly disk: string;
  /** Its disk is deleted with its claim (reclaim policy Delete); otherwise somebody wants it kept. */
  readonly goes: boolean;
  /** `namespace/name` of its claim; empty where it has none. */
  readonly claim: string;
}

/** Objects for which the cluster has something in the cloud. */
export interface CloudUsers {
  /** Services of type LoadBalancer. */
  readonly balancers: readonly Named[];
  /** Claims whose volume is not to be kept. */
  readonly claims: readonly Named[];
  /** Pods that use those claims: a claim stays as long as one of them runs. */
  readonly pods: readonly (Named & { readonly ending: boolean })[];
  readonly volumes: readonly Volume[];
}

/** One member of etcd; ids are hex strings, never numbers (64 bits do not fit). */
export interface EtcdMember {
  readonly id: string;
  readonly name: string;
  readonly started: boolean;
  readonly learner: boolean;
  readonly leader: boolean;
  readonly peerUrl: string;
  /** Where clients reach it; empty while it has not started. */
  readonly clientUrl: string;
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
  /** `/readyz` as a load balancer asks it; fails when it is anything but ok. */
  probe(signal?: AbortSignal): Promise<void>;
  /** `v1.37.2` */
  version(): Promise<string>;
  nodes(signal?: AbortSignal): Promise<KubeNode[]>;
  pods(namespace: string): Promise<KubePod[]>;
  /** Pods of all namespaces on one node, or on all nodes. */
  boundPods(node?: string): Promise<BoundPod[]>;
  /** What a pod's only container has written so far. */
  podLog(namespace: string, name: string): Promise<string>;
  /** Leases of a namespace. */
  leases(namespace: string): Promise<readonly KubeLease[]>;
  cloudUsers(signal?: AbortSignal): Promise<CloudUsers>;
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

/** An object as `kubectl apply` takes it; only the kinds that `plurals` of apply.ts names. */
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

/** Outcome of asking for an eviction: 429 of a PodDisruptionBudget is no error but "not now", with its words. */
export type Eviction = { readonly done: true } | { readonly done: false; readonly blocked: string };

/** Writing half: only steps that perform get it (invariant 1). What is gone already counts as done. */
export interface KubernetesWriter extends Kubernetes {
  /** `kubectl cordon`, and in the same patch whose it is: the run's, so that a person's is told from it. */
  cordon(node: string, run: string): Promise<void>;
  /** `kubectl uncordon`; takes the run's name away with it. */
  uncordon(node: string): Promise<void>;
  /** policy/v1 Eviction of one pod. */
  evict(pod: { readonly namespace: string; readonly name: string }): Promise<Eviction>;
  deleteNode(name: string): Promise<void>;
  /** Server-side apply under the field manager `trizone`: made, or changed to this. */
  apply(object: Manifest, signal?: AbortSignal): Promise<void>;
  /**
   * Asks for an object's deletion: controllers then clean up behind it, in the cluster and in the cloud, and it is gone some time
   * later. A namespace takes its contents along.
   */
  remove(object: Manifest): Promise<void>;
  /** `etcdctl member remove ID` in the static pod of `master`; refusals such as "unhealthy cluster" may pass: retry soon. */
  removeMember(master: string, id: string): Promise<void>;
  /** `etcdctl move-leader ID`, with all these client URLs as endpoints: the leader must be among them. */
  moveLeader(master: string, id: string, clientUrls: readonly string[]): Promise<void>;
}

/** Makes a connection from the text of a kubeconfig. */
export type ConnectKubernetes = (kubeconfig: string) => Promise<KubernetesWriter>;
