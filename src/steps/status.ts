import type { BackendHealth, Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/kinds.ts';
import type { EtcdMember, KubeNode } from '../kube/kubernetes.ts';
import { cancelled } from '../lib/clock.ts';
import { OperatorError } from '../lib/operatorError.ts';
import {
  joinFacts,
  nodeWord,
  outOfReach,
  type ClusterStatus,
  type KubernetesFacts,
  type MachineStatus,
  type MasterStatus,
  type NodeWords,
} from '../model/clusterStatus.ts';
import { isOurs, labelKeys } from '../model/marker.ts';
import { machinePattern, masterPattern, names, nodePattern, poolPattern } from '../model/names.ts';
import { inPlace } from '../model/zones.ts';
import { findRoots, mastersOutOfReach, refOf, type Root } from './inventory.ts';
import { lapsedSeconds } from './lease.ts';
import type { Reads } from './world.ts';

export type { ClusterStatus } from '../model/clusterStatus.ts';

/** What is needed to query a cluster's Kubernetes API. */
export interface KubernetesAccess {
  /** Secret with the admin kubeconfig. */
  readonly adminSecret: string;
  /** A running master, for exec into its etcd; undefined if there is none. */
  readonly master: string | undefined;
}

/** One cluster, as far as the cloud alone knows it: its Kubernetes facts are `unknown`. */
export interface CloudCluster {
  readonly status: ClusterStatus;
  readonly access: KubernetesAccess;
}

/** The Kubernetes half, or why there is none. `early`: the API does not exist yet, which is not a fault. */
export type KubernetesHalf =
  { readonly facts: KubernetesFacts } | { readonly unreachable: string; readonly early?: boolean };

interface Lists {
  readonly unreachable: readonly string[];
  /** Read only if a zone is unreachable: they reveal the masters there. */
  readonly addresses: readonly Resources['addresses'][];
  readonly instances: readonly Resources['instances'][];
  readonly pools: readonly Resources['instanceGroupManagers'][];
  readonly groups: readonly Resources['instanceGroups'][];
  readonly services: readonly Resources['backendServices'][];
  /** By Google's clock, milliseconds: leases use it. */
  readonly now: number;
}

/** Reads all clusters of the project: five lists for all of them, then one health request and Kubernetes for each. */
export const readStatus = async (world: Reads): Promise<ClusterStatus[]> => {
  const drafts = await listClusters(world);
  return Promise.all(
    drafts.map(async (draft) => {
      const [health, half] = await Promise.all([draft.health(), readKubernetes(world, draft.access)]);
      return joinHalf(withHealth(draft.status, health), half);
    }),
  );
};

/** The cloud half of all clusters: five lists, and one health request for each group of masters. */
export const readCloud = async (world: Reads): Promise<CloudCluster[]> => {
  const drafts = await listClusters(world);
  return Promise.all(
    drafts.map(async ({ status, access, health }) => ({ status: withHealth(status, await health()), access })),
  );
};

/**
 * The Kubernetes half of one cluster. An API that does not respond is a fact to show, never an error; `signal` aborts
 * the requests.
 */
export const readKubernetes = async (
  world: Reads,
  access: KubernetesAccess,
  signal?: AbortSignal,
): Promise<KubernetesHalf> => {
  try {
    const kubernetes = await world.kubernetes(access.adminSecret);
    if (kubernetes === undefined)
      return { unreachable: 'the cluster has not published its admin kubeconfig yet', early: true };
    if (access.master === undefined) return { unreachable: 'no master is running' };
    const [nodes, etcd] = await Promise.all([kubernetes.nodes(signal), kubernetes.etcd(access.master, signal)]);
    return { facts: { nodes: nodeWords(nodes), etcd: etcdRoles(etcd.members), others: 'none' } };
  } catch (error) {
    if (signal?.aborted) throw cancelled(signal);
    if (OperatorError.is(error)) return { unreachable: error.message };
    throw error;
  }
};

/** Joins both halves of one cluster. */
export const joinHalf = (cluster: ClusterStatus, half: KubernetesHalf): ClusterStatus =>
  'facts' in half
    ? { ...joinFacts(cluster, half.facts), unreachable: undefined }
    : { ...cluster, unreachable: half.unreachable };

/** Nodes in the terms of the views. */
export const nodeWords = (nodes: readonly KubeNode[]): NodeWords =>
  new Map(nodes.map((n) => [n.name, nodeWord(n.ready ? 'Ready' : 'NotReady', n.certificatesEnd)]));

const etcdRoles = (members: readonly EtcdMember[]): ReadonlyMap<string, MasterStatus['etcd']> =>
  new Map(members.map((m) => [m.name, m.learner ? 'learner' : m.leader ? 'leader' : 'voter']));

/** A cluster from the lists, and its pending health request: `readStatus` queries Kubernetes in parallel. */
interface Draft extends CloudCluster {
  readonly health: () => Promise<readonly BackendHealth[]>;
}

const listClusters = async (world: Reads): Promise<Draft[]> => {
  const { compute } = world.cloud;
  const [roots, instances, pools, groups, services] = await Promise.all([
    findRoots(world.cloud),
    compute.survey('instances'),
    compute.survey('instanceGroupManagers'),
    compute.survey('instanceGroups'),
    compute.survey('backendServices'),
  ]);
  const unreachable = [...new Set([instances, pools, groups].flatMap((s) => s.unreachable))].sort();
  const addresses = unreachable.length === 0 ? [] : await compute.list('addresses');
  const lists = { instances: instances.items, pools: pools.items, groups: groups.items, services: services.items };
  const now = roots.length === 0 ? 0 : await compute.serverNow();
  return roots.map((root) => draft(world, root, { ...lists, unreachable, addresses, now }));
};

const draft = (world: Reads, root: Root, lists: Lists): Draft => {
  const owner = { cluster: root.name, uid: root.record.uid };
  const masters = lists.instances.filter((i) => isOurs(owner, i, masterPattern(root.name)));
  const nodes = lists.instances.filter((i) => isOurs(owner, i, nodePattern(root.name)));
  const pools = lists.pools.filter((p) => isOurs(owner, p, poolPattern(root.name)));
  const unreachableZones = inPlace(lists.unreachable, root.region);
  const status: ClusterStatus = {
    name: root.name,
    uid: root.record.uid,
    region: root.region,
    endpoint: `https://${root.address}`,
    masters: [
      ...masters.map((instance): MasterStatus => ({
        ...{ ...machineStatus(instance), created: instance.created },
        ...{ etcd: 'unknown', backend: 'not in the load balancer' },
      })),
      ...mastersOutOfReach(owner, lists.addresses, unreachableZones).map((master): MasterStatus => ({
        ...{ ...master, machineType: '', status: outOfReach, node: 'unknown' },
        ...{ etcd: 'unknown', backend: 'not in the load balancer' },
      })),
    ],
    pools: pools.map((manager) => ({
      name: manager.name,
      zone: manager.zone ?? '',
      size: manager.targetSize,
      stable: manager.stable ?? false,
      nodes: nodes
        .filter((n) => n.zone === manager.zone && machinePattern(manager.baseInstanceName).test(n.name))
        .map((n) => machineStatus(n)),
    })),
    unreachable: undefined,
    ...(unreachableZones.length === 0 ? {} : { unreachableZones }),
    running: runningOf(root, lists.now),
    isProtected: root.labels[labelKeys.protected] === 'true',
  };
  return {
    status,
    access: {
      adminSecret: names(root.name).secrets.admin,
      master: masters.find((m) => m.status === 'RUNNING')?.name,
    },
    health: () => externalHealth(world, root, lists),
  };
};

const machineStatus = (instances: Resources['instances']): MachineStatus => ({
  name: instances.name,
  zone: instances.zone ?? '',
  machineType: instances.machineType,
  status: instances.status,
  node: 'unknown',
});

const runningOf = ({ labels }: Root, nowMs: number): ClusterStatus['running'] => {
  const holder = labels[labelKeys.leaseHolder];
  if (holder === undefined) return undefined;
  const silentSeconds = lapsedSeconds(Math.round(nowMs / 1000), Number(labels[labelKeys.leaseAt] ?? 0));
  const verb = labels[labelKeys.leaseVerb] ?? '?';
  return { holder, verb, ...(silentSeconds !== undefined && { silentSeconds }) };
};

const externalHealth = async (world: Reads, root: Root, lists: Lists): Promise<readonly BackendHealth[]> => {
  const owner = { cluster: root.name, uid: root.record.uid };
  const service = lists.services.find((s) => isOurs(owner, s, names(root.name).externalLb));
  if (service === undefined) return [];
  const groups = lists.groups.filter((g) => isOurs(owner, g, names(root.name).masterGroup));
  const ref: Ref<'backendServices'> = refOf('backendServices', service);
  return (
    await Promise.all(groups.map((g) => world.cloud.compute.backendHealth(ref, refOf('instanceGroups', g))))
  ).flat();
};

const withHealth = (cluster: ClusterStatus, health: readonly BackendHealth[]): ClusterStatus => {
  const states = new Map(health.map((h) => [h.instance, h.state === 'HEALTHY' ? 'healthy' : 'unhealthy'] as const));
  const backend = (master: MasterStatus): MasterStatus['backend'] =>
    states.get(master.name) ?? (master.status === outOfReach ? 'unhealthy' : 'not in the load balancer');
  return { ...cluster, masters: cluster.masters.map((m) => ({ ...m, backend: backend(m) })) };
};
