import { wallClock } from '../../lib/clock.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterData, ClusterView, NodeRecord } from './clusterState.ts';
import { certificatesOf } from './nodeCertificates.ts';
import { labelsOf, masterTaint } from './nodeLabels.ts';
import { nodeLife, type NodeLife } from './nodeLife.ts';
import { kubeTime, type KubeObject } from './kubeObject.ts';

/** Nodes as kubelet, the cloud controller manager, and the node controller would have them by now. */
export const nodeObjects = (host: GuestHost, view: ClusterView): readonly KubeObject[] =>
  Object.values(view.data.nodes).map((node) => nodeObject(view, node, nodeLife(host, view.data, node)));

const nodeObject = ({ data, etcd }: ClusterView, node: NodeRecord, life: NodeLife): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: node.name,
    uid: node.uid,
    creationTimestamp: kubeTime(node.created),
    resourceVersion: String(etcd.index),
    labels: labelsOf(data, node, life),
    annotations: {
      'node.alpha.kubernetes.io/ttl': '0',
      'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      ...(node.master && life.ready !== 'False' ? certificatesOf(node) : {}),
      ...node.annotations,
    },
  },
  spec: specOf(data, node, life),
  status: {
    addresses: addressesOf(node, life),
    allocatable: sizes(node, '7580Mi'),
    capacity: sizes(node, '7940Mi'),
    conditions: conditionsOf(node, life),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: nodeInfo(data, node),
  },
});

const specOf = (data: ClusterData, node: NodeRecord, life: NodeLife): object => {
  const taints = [
    ...(node.master && life.settled ? [{ effect: 'NoSchedule', key: masterTaint }] : []),
    ...(life.initialized
      ? []
      : [{ effect: 'NoSchedule', key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true' }]),
    ...(life.ready === 'False' ? taintsOf('node.kubernetes.io/not-ready', life) : []),
    ...(life.ready === 'Unknown' ? taintsOf('node.kubernetes.io/unreachable', life) : []),
    ...(node.unschedulable === true ? [{ effect: 'NoSchedule', key: 'node.kubernetes.io/unschedulable' }] : []),
  ];
  return {
    ...(life.initialized
      ? {
          podCIDR: node.podCidr,
          podCIDRs: [node.podCidr],
          providerID: `gce://${data.project}/${node.zone}/${node.name}`,
        }
      : {}),
    ...(taints.length === 0 ? {} : { taints }),
    ...(node.unschedulable === true ? { unschedulable: true } : {}),
  };
};

// NoSchedule keeps new pods away at once; NoExecute lets the node lifecycle controller evict the existing ones.
const taintsOf = (key: string, { settled }: NodeLife): object[] =>
  ['NoSchedule', ...(settled ? ['NoExecute'] : [])].map((effect) => ({ effect, key }));

const addressesOf = (node: NodeRecord, life: NodeLife): object[] => [
  { address: node.internalIp, type: 'InternalIP' },
  ...(life.initialized && node.externalIp !== undefined ? [{ address: node.externalIp, type: 'ExternalIP' }] : []),
  { address: node.name, type: 'Hostname' },
];

const sizes = (node: NodeRecord, memory: string): Record<string, string> => ({
  cpu: '2',
  'ephemeral-storage': node.master ? '19Gi' : '97Gi',
  'hugepages-2Mi': '0',
  memory,
  pods: '110',
});

const healthy = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
] as const;

const readiness = {
  True: ['KubeletReady', 'kubelet is posting ready status'],
  False: ['KubeletNotReady', 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady'],
  Unknown: ['NodeStatusUnknown', 'Kubelet stopped posting node status.'],
} as const;

const conditionsOf = (node: NodeRecord, life: NodeLife): object[] => {
  const unknown = life.ready === 'Unknown';
  const heartbeat = kubeTime(node.lost?.wall ?? minute(wallClock.now()));
  const since = kubeTime(node.lost?.wall ?? node.created);
  const condition = (type: string, status: string, reason: string, message: string): object => ({
    type,
    status: unknown ? 'Unknown' : status,
    reason: unknown ? readiness.Unknown[0] : reason,
    message: unknown ? readiness.Unknown[1] : message,
    lastHeartbeatTime: heartbeat,
    lastTransitionTime: since,
  });
  const [reason, message] = readiness[life.ready];
  return [
    ...(life.initialized ? [network(node)] : []),
    ...healthy.map(([type, status, why, what]) => condition(type, status, why, what)),
    condition('Ready', life.ready, reason, message),
  ];
};

// Written once by the cloud controller manager; a silent kubelet does not change it.
const network = (node: NodeRecord): object => ({
  type: 'NetworkUnavailable',
  status: 'False',
  reason: 'RouteCreated',
  message: 'NodeController create implicit route',
  lastHeartbeatTime: kubeTime(node.created),
  lastTransitionTime: kubeTime(node.created),
});

// kubelet writes its status every five minutes unless something changes; rounding to a minute keeps watchers quiet.
const minute = (ms: number): number => ms - (ms % 60_000);

const nodeInfo = (data: ClusterData, node: NodeRecord): object => ({
  architecture: 'amd64',
  bootID: node.uid,
  containerRuntimeVersion: `containerd://${data.versions.containerd}`,
  kernelVersion: '6.8.0-1041-gcp',
  kubeProxyVersion: '',
  kubeletVersion: `v${data.versions.kubernetes}`,
  machineID: node.uid.replaceAll('-', ''),
  operatingSystem: 'linux',
  osImage: 'Ubuntu 24.04 LTS',
  systemUUID: node.uid,
});
