import { wallClock } from '../../lib/clock.ts';
import { randomText } from '../../lib/ids.ts';
import { isUp, loadMachine } from '../guest/documents.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterData, ClusterView, DnsPod, NodeRecord } from './clusterState.ts';

/** Times of the simulated controllers, milliseconds of cluster time. */
export const nodeTimes = {
  /** From the add-ons' apply until the cloud controller manager runs. */
  controllerStartMs: 8_000,
  /** From registration until it has dealt with the Node. */
  initializeMs: 3_000,
  /** From the pod range until the network is set up and kubelet says Ready. */
  networkMs: 4_000,
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
}

/** State of a Node at this instant of cluster time. */
export const nodeLife = (host: GuestHost, data: ClusterData, node: NodeRecord): NodeLife => {
  const now = host.clock.now();
  const initializedAt = initializationOf(data, node);
  if (node.lost !== undefined && now - node.lost.at >= nodeTimes.graceMs) {
    return { initialized: initializedAt <= now, ready: 'Unknown' };
  }
  return { initialized: initializedAt <= now, ready: initializedAt + nodeTimes.networkMs <= now ? 'True' : 'False' };
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

/**
 * What the controllers and the masters' timer change by themselves: Nodes whose machine is gone or is another one are deleted,
 * CoreDNS gets its places. Undefined when nothing is to be done.
 */
export const reconciled = (host: GuestHost, view: ClusterView): ClusterData | undefined => {
  const { data } = view;
  const kept = Object.entries(data.nodes).filter(([, node]) => !isLeftOver(host, data, node));
  const nodes = Object.fromEntries(kept.map(([name, node]) => [name, heardOf(host, node)]));
  const same = kept.length === Object.keys(data.nodes).length && kept.every(([name, node]) => nodes[name] === node);
  const dns = placeDns(host, { ...data, nodes });
  return same && dns === data.dns ? undefined : { ...data, nodes, dns };
};

// Kubelet's heartbeat, as the controllers hear it.
const heardOf = (host: GuestHost, node: NodeRecord): NodeRecord => {
  const silent = machineOf(host, node) === undefined;
  if (silent === (node.lost !== undefined)) return node;
  if (silent) return { ...node, lost: { at: host.clock.now(), wall: wallClock.now() } };
  return { ...node, lost: undefined };
};

const isLeftOver = (host: GuestHost, data: ClusterData, node: NodeRecord): boolean => {
  const known = loadMachine(host, node.key);
  // The masters' timer knows a re-created node by its instance id; a master re-created on its disk keeps its Node.
  if (known !== undefined) return known.instanceId !== node.instanceId && !node.master;
  return data.addOnsAt !== undefined && nodeLife(host, data, node).ready === 'Unknown';
};

const placeDns = (host: GuestHost, data: ClusterData): readonly DnsPod[] => {
  const ready = Object.values(data.nodes).filter((node) => nodeLife(host, data, node).ready === 'True');
  const zoneOf = (pod: DnsPod): string | undefined => data.nodes[pod.node]?.zone;
  const alive = data.dns.filter((pod) => !isEvicted(host, data, pod));
  const zones = new Set(ready.map((n) => n.zone));
  const lopsided = alive.length === 2 && zones.size > 1 && new Set(alive.map(zoneOf)).size === 1;
  if (ready.length === 0 || (alive.length === 2 && !lopsided))
    return alive.length === data.dns.length ? data.dns : alive;
  const pods = lopsided ? alive.slice(0, 1) : [...alive];
  while (pods.length < 2) pods.push(newDnsPod(host, freest(ready, pods, zoneOf)));
  return pods;
};

const isEvicted = (host: GuestHost, data: ClusterData, pod: DnsPod): boolean => {
  const node = data.nodes[pod.node];
  return node === undefined || (node.lost !== undefined && host.clock.now() - node.lost.at >= nodeTimes.evictMs);
};

// A Node in a zone without CoreDNS, if there is one; then a Node without.
const freest = (
  ready: readonly NodeRecord[],
  pods: readonly DnsPod[],
  zoneOf: (pod: DnsPod) => string | undefined,
): string => {
  const burden = (n: NodeRecord): number =>
    pods.filter((p) => zoneOf(p) === n.zone).length * 2 + pods.filter((p) => p.node === n.name).length;
  return [...ready].sort((a, b) => burden(a) - burden(b))[0]?.name ?? '';
};

const newDnsPod = (host: GuestHost, node: string): DnsPod => ({
  name: `coredns-7d4f8b9c6d-${randomText(host.ids, 5, 'bcdfghjklmnpqrstvwxz2456789')}`,
  node,
  placed: host.clock.now(),
  created: wallClock.now(),
});
