import type { Versions } from '../../model/versions.ts';
import type { GuestMachine } from '../guestRuntime.ts';
import type { SimulatedEtcd } from './etcd.ts';
import type { Objects } from './storedObject.ts';

/** A Node as the simulated API server stores it; what clients see is derived from it and from the machine. */
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
  /** Cluster time, for everything that has to happen after it. */
  readonly registered: number;
  /** Wall time, for people and clients: kubectl computes ages by its own clock. */
  readonly created: number;
  /** Set by cordon. */
  readonly unschedulable?: boolean;
  /** Labels and annotations that clients have added. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** When its kubelet fell silent: cluster time and wall time. Absent while it runs. */
  readonly lost?: { readonly at: number; readonly wall: number } | undefined;
}

/** What the simulated cluster keeps in etcd. */
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
  /** What clients and controllers have stored, by `plural/namespace/name`. */
  readonly objects: Objects;
  /** Cluster time at which the add-ons were applied; without them no Node gets its pod range. */
  readonly addOnsAt?: number;
}

/** One member's copy, as its master's persistent disk holds it. */
export interface EtcdCopy {
  readonly self: string;
  readonly etcd: SimulatedEtcd;
  readonly data: ClusterData;
}

/** The newest state that the running members of one cluster know. */
export interface ClusterView {
  readonly etcd: SimulatedEtcd;
  readonly data: ClusterData;
  /** Running masters by member id. */
  readonly running: ReadonlyMap<string, GuestMachine>;
  /** Since when each of them runs, cluster time. */
  readonly up: ReadonlyMap<string, number>;
  readonly quorum: boolean;
}
