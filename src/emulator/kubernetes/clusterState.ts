import type { Versions } from '../../model/versions.ts';
import type { GuestMachine } from '../guestRuntime.ts';
import type { SimulatedEtcd } from './etcd.ts';
import type { Objects } from './storedObject.ts';

/** A Node as the simulated API server stores it; clients see a view derived from it and from the machine. */
export interface NodeRecord {
  readonly name: string;
  readonly uid: string;
  /** Key of its machine, `zone/name`. */
  readonly key: string;
  readonly zone: string;
  readonly instanceId: string;
  readonly master: boolean;
  readonly pool?: string;
  readonly internalIp: string;
  readonly externalIp?: string;
  readonly podCidr: string;
  /** Cluster time; later transitions are measured from it. */
  readonly registered: number;
  /** Wall time, for clients: kubectl computes ages by its own clock. */
  readonly created: number;
  /** Set by cordon. */
  readonly unschedulable?: boolean;
  /** Labels and annotations added by clients. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** When its kubelet went silent: cluster time and wall time. Absent while it runs. */
  readonly lost?: { readonly at: number; readonly wall: number } | undefined;
}

/** Contents of the simulated cluster's etcd. */
export interface ClusterData {
  readonly uid: string;
  readonly cluster: string;
  readonly project: string;
  readonly region: string;
  readonly versions: Versions;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly internalIp: string;
  readonly externalIp: string;
  readonly nodes: Readonly<Record<string, NodeRecord>>;
  /** Objects stored by clients and controllers, keyed by `plural/namespace/name`. */
  readonly objects: Objects;
  /** Cluster time at which the add-ons were applied; without them no Node gets its pod range. */
  readonly addOnsAt?: number;
}

/** One member's copy, on its master's persistent disk. */
export interface EtcdCopy {
  readonly self: string;
  readonly etcd: SimulatedEtcd;
  readonly data: ClusterData;
}

/** The newest state known to the running members of a cluster. */
export interface ClusterView {
  readonly etcd: SimulatedEtcd;
  readonly data: ClusterData;
  /** Running masters by member id. */
  readonly running: ReadonlyMap<string, GuestMachine>;
  /** Start of each running master, in cluster time. */
  readonly up: ReadonlyMap<string, number>;
  readonly quorum: boolean;
}
