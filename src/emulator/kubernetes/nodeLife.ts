import { isUp } from '../guest/documents.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterData, NodeRecord } from './clusterState.ts';

/** Times of the simulated controllers, milliseconds of cluster time. */
export const nodeTimes = {
  /** From the add-ons' apply until the cloud controller manager runs. */
  controllerStartMs: 8_000,
  /** From registration until it has dealt with the Node. */
  initializeMs: 3_000,
  /** From the pod range until the network is set up and kubelet says Ready. */
  networkMs: 4_000,
  /** From registration until kubeadm has marked a master and the node lifecycle controller (every 5 s) has looked. */
  settleMs: 3_000,
  /** node-monitor-grace-period of the lab's measurement: 40 s of silence make a Node Unknown. */
  graceMs: 40_000,
  /** Default toleration of unreachable Nodes: then its pods are evicted. */
  evictMs: 300_000,
} as const;

/** What the controllers have made of a Node by now. */
export interface NodeLife {
  /** The cloud controller manager has set addresses, zone, provider id and pod range. */
  readonly initialized: boolean;
  readonly ready: 'True' | 'False' | 'Unknown';
  /** kubeadm has marked it where it is a master, and the node lifecycle controller has looked at it. */
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

/** The running machine of a Node; undefined where there is none or where another one bears a node's name now. */
export const machineOf = (host: GuestHost, node: NodeRecord) => {
  const machine = host.instance(node.key);
  const isSame = node.master || machine?.id === node.instanceId;
  return machine !== undefined && isSame && isUp(host, machine) ? machine : undefined;
};
