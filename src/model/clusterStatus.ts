/** Both truths of one machine side by side: Compute Engine's and Kubernetes'. */
export interface MachineStatus {
  readonly name: string;
  readonly zone: string;
  readonly machineType: string;
  /** Compute Engine's word: RUNNING, TERMINATED …, or `outOfReach`. */
  readonly status: string;
  /** Ready, NotReady, or unknown where the API was not reached or knows no such node. */
  readonly node: 'Ready' | 'NotReady' | 'unknown';
}

/** A master has two more: its etcd role and its health behind the load balancer. */
export interface MasterStatus extends MachineStatus {
  readonly etcd: 'leader' | 'voter' | 'learner' | 'none' | 'unknown';
  readonly backend: 'healthy' | 'unhealthy' | 'not in the load balancer';
  /** When its machine was made, milliseconds since the epoch; tells the newest replica. */
  readonly created?: number;
  /** When the first of its certificates ends, milliseconds since the epoch, as its Node says. */
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

/** A run that holds a cluster, as its lease tells of it. */
export interface Running {
  readonly verb: string;
  readonly holder: string;
  /** Seconds since its last heartbeat, where that is longer than its lease lasts: the run is gone. */
  readonly silentSeconds?: number;
}

/** "up is running", or that it is gone and what to do about it. */
export const runningWords = ({ verb, silentSeconds }: Running): string =>
  silentSeconds === undefined
    ? `${verb} is running`
    : `${verb} is dead (no heartbeat for ${silentSeconds} s; to continue: trizone resume, or the command with --take-over)`;

/** In place of Compute Engine's word, where the machine's zone does not answer. */
export const outOfReach = 'UNREACHABLE';

/** One cluster as the status verb and the views show it. */
export interface ClusterStatus {
  readonly name: string;
  readonly uid: string;
  readonly region: string;
  readonly endpoint: string;
  readonly masters: readonly MasterStatus[];
  readonly pools: readonly PoolStatus[];
  /** Why Kubernetes could not be asked; undefined when it answered. */
  readonly unreachable: string | undefined;
  /** Zones of its region that do not answer: what it has there is not known. Left out where there is none. */
  readonly unreachableZones?: readonly string[];
  /** A run that holds the cluster. */
  readonly running: Running | undefined;
  /** Drills, removals and tear down are refused. */
  readonly isProtected?: boolean;
}

/** What Kubernetes says of machines, by their names; one that is missing is unknown to it. */
export type NodeWords = ReadonlyMap<string, NodeWord>;

type NodeWord = Pick<MasterStatus, 'node' | 'certificatesEnd'>;

/** What Kubernetes says of one machine. */
export const nodeWord = (node: MachineStatus['node'], certificatesEnd: number | undefined): NodeWord => ({
  node,
  ...(certificatesEnd === undefined ? {} : { certificatesEnd }),
});

/** The Kubernetes half of a cluster's status in the words of the views. */
export interface KubernetesFacts {
  readonly nodes: NodeWords;
  readonly etcd: ReadonlyMap<string, MasterStatus['etcd']>;
  /** etcd role of a master that is not in `etcd`: none after an answer, unknown where the answer is missing or older than it. */
  readonly others: 'none' | 'unknown';
}

/** Where Kubernetes has not been asked. */
export const noFacts: KubernetesFacts = { nodes: new Map(), etcd: new Map(), others: 'unknown' };

/** Puts the Kubernetes half on the machines that the cloud has; in time linear in the machines. */
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

/** The Kubernetes half that a status carries, to be put on a newer answer of the cloud. */
export const kubernetesFacts = (cluster: ClusterStatus): KubernetesFacts => {
  const { masters, pools } = cluster;
  const machines: readonly (Pick<MachineStatus, 'name'> & NodeWord)[] = [...masters, ...pools.flatMap((p) => p.nodes)];
  return {
    nodes: new Map(machines.map(({ name, node, certificatesEnd: end }) => [name, nodeWord(node, end)])),
    etcd: new Map(masters.map((m) => [m.name, m.etcd])),
    others: 'unknown',
  };
};
