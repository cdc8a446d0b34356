/** One machine as both Compute Engine and Kubernetes see it. */
export interface MachineStatus {
  readonly name: string;
  readonly zone: string;
  readonly machineType: string;
  /** Compute Engine's status (RUNNING, TERMINATED …), or `outOfReach`. */
  readonly status: string;
  /** Ready, NotReady, or unknown if the API is unreachable or has no such Node. */
  readonly node: 'Ready' | 'NotReady' | 'unknown';
}

/** A master also has an etcd role and its health behind the load balancer. */
export interface MasterStatus extends MachineStatus {
  readonly etcd: 'leader' | 'voter' | 'learner' | 'none' | 'unknown';
  readonly backend: 'healthy' | 'unhealthy' | 'not in the load balancer';
  /** When its instance was created, milliseconds since the epoch; identifies the newest replica. */
  readonly created?: number;
  /** When the first of its certificates expires, milliseconds since the epoch, as recorded on its Node. */
  readonly certificatesEnd?: number;
}

/** One pool and its machines. */
export interface PoolStatus {
  readonly name: string;
  readonly zone: string;
  readonly size: number;
  readonly stable: boolean;
  readonly nodes: readonly MachineStatus[];
}

/** A run that holds a cluster, as read from its lease. */
export interface Running {
  readonly verb: string;
  readonly holder: string;
  /** Seconds since its last heartbeat, set only if the lease has expired: the run is dead. */
  readonly silentSeconds?: number;
}

/** "up is running", or that the run is dead and how to continue. */
export const runningWords = ({ verb, silentSeconds }: Running): string =>
  silentSeconds === undefined
    ? `${verb} is running`
    : `${verb} is dead (no heartbeat for ${silentSeconds} s; to continue: trizone resume, or the command with --take-over)`;

/** Status of a machine whose zone is unreachable. */
export const outOfReach = 'UNREACHABLE';

/** One cluster, as shown by the status verb and the views. */
export interface ClusterStatus {
  readonly name: string;
  readonly uid: string;
  readonly region: string;
  readonly endpoint: string;
  readonly masters: readonly MasterStatus[];
  readonly pools: readonly PoolStatus[];
  /** Why the Kubernetes API was not reached; undefined if it answered. */
  readonly unreachable: string | undefined;
  /** Unreachable zones of its region, whose contents are unknown; omitted if there are none. */
  readonly unreachableZones?: readonly string[];
  /** The run that holds the cluster. */
  readonly running: Running | undefined;
  /** Drills, removals, and teardown are refused. */
  readonly isProtected?: boolean;
}

/** What Kubernetes reports about machines, by name; it does not know a missing one. */
export type NodeWords = ReadonlyMap<string, NodeWord>;

type NodeWord = Pick<MasterStatus, 'node' | 'certificatesEnd'>;

/** What Kubernetes reports about one machine. */
export const nodeWord = (node: MachineStatus['node'], certificatesEnd: number | undefined): NodeWord => ({
  node,
  ...(certificatesEnd === undefined ? {} : { certificatesEnd }),
});

/** The Kubernetes half of a cluster's status, in the terms of the views. */
export interface KubernetesFacts {
  readonly nodes: NodeWords;
  readonly etcd: ReadonlyMap<string, MasterStatus['etcd']>;
  /** etcd role of masters missing from `etcd`: none after an answer, unknown if there is no answer or only an older one. */
  readonly others: 'none' | 'unknown';
}

/** Used if Kubernetes was not asked. */
export const noFacts: KubernetesFacts = { nodes: new Map(), etcd: new Map(), others: 'unknown' };

/** Adds the Kubernetes half to the machines that the cloud lists; linear in their number. */
export const joinFacts = <C extends ClusterStatus>(cluster: C, facts: KubernetesFacts): C => {
  const { nodes, etcd, others } = facts;
  const word = (name: string): MachineStatus['node'] => nodes.get(name)?.node ?? 'unknown';
  return {
    ...cluster,
    masters: cluster.masters.map((master) => ({
      ...master,
      ...(nodes.get(master.name) ?? { node: 'unknown' }),
      etcd: etcd.get(master.name) ?? others,
    })),
    pools: cluster.pools.map((p) => ({ ...p, nodes: p.nodes.map((n) => ({ ...n, node: word(n.name) })) })),
  };
};

/** Extracts the Kubernetes half of a status, to be added to a newer answer of the cloud. */
export const kubernetesFacts = (cluster: ClusterStatus): KubernetesFacts => {
  const { masters, pools } = cluster;
  const machines: readonly (Pick<MachineStatus, 'name'> & NodeWord)[] = [...masters, ...pools.flatMap((p) => p.nodes)];
  return {
    nodes: new Map(machines.map(({ name, node, certificatesEnd: end }) => [name, nodeWord(node, end)])),
    etcd: new Map(masters.map((m) => [m.name, m.etcd])),
    others: 'unknown',
  };
};
