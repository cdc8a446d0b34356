import type { BackendHealth, Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/resources.ts';
import type { EtcdMember, KubeNode } from '../kube/kubernetes.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { isOurs, labelKeys } from '../model/marker.ts';
import { masterPattern, names, nodePattern, poolPattern } from '../model/names.ts';
import { findRoots, refOf, type Root } from './inventory.ts';
import type { Reads } from './world.ts';

/** Both truths of one machine side by side: Compute Engine's and Kubernetes'. */
export interface MachineStatus {
  readonly name: string;
  readonly zone: string;
  readonly machineType: string;
  /** Compute Engine's word: RUNNING, TERMINATED … */
  readonly status: string;
  /** Ready, NotReady, or unknown where the API was not reached or knows no such node. */
  readonly node: 'Ready' | 'NotReady' | 'unknown';
}

/** A master has two more: its etcd role and its health behind the load balancer. */
export interface MasterStatus extends MachineStatus {
  readonly etcd: 'leader' | 'voter' | 'learner' | 'none' | 'unknown';
  readonly backend: 'healthy' | 'unhealthy' | 'not in the load balancer';
}

/** One pool and its machines. */
export interface PoolStatus {
  readonly name: string;
  readonly zone: string;
  readonly size: number;
  readonly stable: boolean;
  readonly nodes: readonly MachineStatus[];
}

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
  /** A run that holds the cluster. */
  readonly running: { readonly verb: string; readonly holder: string } | undefined;
}

interface Lists {
  readonly instances: readonly Resources['instances'][];
  readonly pools: readonly Resources['instanceGroupManagers'][];
  readonly groups: readonly Resources['instanceGroups'][];
  readonly services: readonly Resources['backendServices'][];
}

/** Reads all clusters of the project: five lists for all of them, then one health question and Kubernetes for each. */
export const readStatus = async (world: Reads): Promise<ClusterStatus[]> => {
  const { compute } = world.cloud;
  const [roots, instances, pools, groups, services] = await Promise.all([
    findRoots(world.cloud),
    compute.list('instances'),
    compute.list('instanceGroupManagers'),
    compute.list('instanceGroups'),
    compute.list('backendServices'),
  ]);
  return Promise.all(roots.map((root) => clusterStatus(world, root, { instances, pools, groups, services })));
};

const clusterStatus = async (world: Reads, root: Root, lists: Lists): Promise<ClusterStatus> => {
  const owner = { cluster: root.name, uid: root.record.uid };
  const masters = lists.instances.filter((i) => isOurs(owner, i, masterPattern(root.name)));
  const nodes = lists.instances.filter((i) => isOurs(owner, i, nodePattern(root.name)));
  const pools = lists.pools.filter((p) => isOurs(owner, p, poolPattern(root.name)));
  const [health, kubernetes] = await Promise.all([
    externalHealth(world, root, lists),
    askKubernetes(world, root, masters.find((m) => m.status === 'RUNNING')?.name),
  ]);
  return {
    name: root.name,
    uid: root.record.uid,
    region: root.region,
    endpoint: `https://${root.address}`,
    masters: masters.map((m) => ({
      ...machineStatus(m, kubernetes),
      etcd: etcdRole(m.name, kubernetes),
      backend: backendWord(m.name, health),
    })),
    pools: pools.map((p) => ({
      name: p.name,
      zone: p.zone ?? '',
      size: p.targetSize,
      stable: p.stable ?? false,
      nodes: nodes
        .filter((n) => n.zone === p.zone && n.name.startsWith(`${p.baseInstanceName}-`))
        .map((n) => machineStatus(n, kubernetes)),
    })),
    unreachable: kubernetes.unreachable,
    running: runningOf(root),
  };
};

const runningOf = (root: Root): ClusterStatus['running'] => {
  const holder = root.labels[labelKeys.leaseHolder];
  return holder === undefined ? undefined : { holder, verb: root.labels[labelKeys.leaseVerb] ?? '?' };
};

const externalHealth = async (world: Reads, root: Root, lists: Lists): Promise<BackendHealth[]> => {
  const owner = { cluster: root.name, uid: root.record.uid };
  const service = lists.services.find((s) => isOurs(owner, s, names(root.name).externalLb));
  if (service === undefined) return [];
  const groups = lists.groups.filter((g) => isOurs(owner, g, names(root.name).masterGroup));
  const ref: Ref<'backendServices'> = refOf('backendServices', service);
  return (
    await Promise.all(groups.map((g) => world.cloud.compute.backendHealth(ref, refOf('instanceGroups', g))))
  ).flat();
};

interface Half {
  readonly nodes: readonly KubeNode[];
  readonly members: readonly EtcdMember[];
  readonly unreachable: string | undefined;
}

// The cloud's half never waits for a dead API server: what went wrong there is a fact to show.
const askKubernetes = async (world: Reads, root: Root, master: string | undefined): Promise<Half> => {
  const nothing = (unreachable: string): Half => ({ nodes: [], members: [], unreachable });
  try {
    const kubernetes = await world.kubernetes(names(root.name).secrets.admin);
    if (kubernetes === undefined) return nothing('the cluster has not published its admin kubeconfig yet');
    if (master === undefined) return nothing('no master runs');
    const [nodes, etcd] = await Promise.all([kubernetes.nodes(), kubernetes.etcd(master)]);
    return { nodes, members: etcd.members, unreachable: undefined };
  } catch (error) {
    if (OperatorError.is(error)) return nothing(error.message);
    throw error;
  }
};

const machineStatus = (i: Resources['instances'], k: Half): MachineStatus => {
  const node = k.nodes.find((n) => n.name === i.name);
  const word = node === undefined ? 'unknown' : node.ready ? 'Ready' : 'NotReady';
  return { name: i.name, zone: i.zone ?? '', machineType: i.machineType, status: i.status, node: word };
};

const etcdRole = (name: string, k: Half): MasterStatus['etcd'] => {
  if (k.unreachable !== undefined) return 'unknown';
  const member = k.members.find((m) => m.name === name);
  if (member === undefined) return 'none';
  return member.learner ? 'learner' : member.leader ? 'leader' : 'voter';
};

const backendWord = (name: string, health: readonly BackendHealth[]): MasterStatus['backend'] => {
  const found = health.find((h) => h.instance === name);
  return found === undefined ? 'not in the load balancer' : found.state === 'HEALTHY' ? 'healthy' : 'unhealthy';
};
