import type { ClusterData, NodeRecord } from './clusterState.ts';
import type { NodeLife } from './nodeLife.ts';

/** Key of the taint and label that kubeadm puts on masters. */
export const masterTaint = 'node-role.kubernetes.io/control-plane';

const machineType = (node: NodeRecord): string => (node.master ? 'e2-medium' : 'e2-standard-2');

/** Labels of a Node as set by kubelet, kubeadm, and the cloud controller manager, then by clients. */
export const labelsOf = (data: ClusterData, node: NodeRecord, life: NodeLife): Record<string, string> => ({
  'beta.kubernetes.io/arch': 'amd64',
  'beta.kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'kubernetes.io/hostname': node.name,
  'kubernetes.io/os': 'linux',
  'trizone-instance-id': node.instanceId,
  ...(node.pool === undefined ? {} : { 'trizone-pool': node.pool }),
  // kubeadm's label for masters; load balancers of Services must leave masters alone.
  ...(node.master && life.settled
    ? { [masterTaint]: '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
    : {}),
  ...(life.initialized
    ? {
        'node.kubernetes.io/instance-type': machineType(node),
        'topology.kubernetes.io/region': data.region,
        'topology.kubernetes.io/zone': node.zone,
      }
    : {}),
  ...node.labels,
});
