import { isUp } from '../guest/documents.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterData, NodeRecord } from './clusterState.ts';

/** Timings of the simulated controllers, milliseconds of cluster time. */
export const nodeTimes = {
  /** From applying the add-ons until the cloud controller manager runs. */
  controllerStartMs: 8_000,
  /** From registration until the cloud controller manager has initialized the Node. */
  initializeMs: 3_000,
  /** From the pod range until the network is set up and kubelet reports Ready. */
  networkMs: 4_000,
  /** From registration until kubeadm has marked a master and the node lifecycle controller (every 5 s) has run. */
  settleMs: 3_000,
  /** node-monitor-grace-period of the lab's measurement: a Node turns Unknown after 40 s of silence. */
  graceMs: 40_000,
  /** Default toleration for unreachable Nodes; then its pods are evicted. */
  evictMs: 300_000,
} as const;

/** What the controllers have done to a Node by now. */
export interface NodeLife {
  /** The cloud controller manager has set addresses, zone, provider id and pod range. */
  readonly initialized: boolean;
  readonly ready: 'True' | 'False' | 'Unknown';
  /** kubeadm has marked it if it is a master, and the node lifecycle controller has processed it. */
  readonly settled: boolean;
}

/** State of a Node at this instant of cluster time. */
export const nodeLife = (host: GuestHost, data: ClusterData, node: NodeRecord): NodeLife => {
  const now = host.clock.now();
  const initializedAt = initializationOf(data, node);
  const so = { initialized: initializedAt <= now, settled: node.registered + nodeTimes.settleMs <= now };
  if (node.lost !== undefined && now - node.lost.at >= nodeTimes.graceMs) return { ...so, ready: 'Unknown' };
  return { ...so, ready: initializedAt + nodeTimes.networkMs <= now ? 'True' : 'False' };
};

const initializationOf = (data: ClusterData, node: NodeRecord): number =>
  data.addOnsAt === undefined
    ? Infinity
    : Math.max(node.registered + nodeTimes.initializeMs, data.addOnsAt + nodeTimes.controllerStartMs);

/** The running machine of a Node; undefined if there is none or if its name now belongs to another machine. */
export const machineOf = (host: GuestHost, node: NodeRecord) => {
  const machine = host.instance(node.key);
  const isSame = node.master || machine?.id === node.instanceId;
  return machine !== undefined && isSame && isUp(host, machine) ? machine : undefined;
};
