/** Seconds of cluster time, drawn uniformly from this range. */
export type Seconds = readonly [least: number, most: number];

/** Key `collection.verb` → duration. Missing keys use `default`. */
export type LatencyModel = Readonly<Record<string, Seconds>> & { readonly default: Seconds };

/**
 * Durations at scale 1. Sources: instance inserts from public measurements (5,000 launches of up to 32 vCPUs in 2018:
 * 23-25 s to ssh; a 2-vCPU Debian: 41 s); stock-outs ended after 7 s (2024) and 96 s (2018); values marked "memory" are
 * estimates that were not measured for this project.
 */
export const defaultLatency: LatencyModel = {
  default: [3, 10], // firewalls, addresses, forwarding rules, labels, group membership
  'networks.insert': [10, 40],
  'networks.delete': [10, 40],
  'subnetworks.insert': [10, 25],
  'subnetworks.delete': [10, 25],
  'disks.insert': [3, 10],
  'instances.insert': [8, 25],
  'instances.staging': [1, 3], // memory
  'instances.stop': [20, 60],
  'instances.start': [8, 15],
  'instances.reset': [3, 8], // memory
  'instances.delete': [20, 60],
  'instances.stockOut': [7, 96],
  'instances.setLabels': [2, 5], // memory
  'instances.setMetadata': [2, 5], // memory
  'instances.setTags': [2, 5], // memory
  'instanceTemplates.insert': [2, 5], // memory
  'instanceTemplates.delete': [2, 5], // memory
  'instanceGroupManagers.insert': [5, 15], // memory; its instances follow
  'instanceGroupManagers.retry': [30, 60], // memory: pause before a failed instance is retried
  'backendServices.insert': [10, 25], // memory
  'serviceAccounts.propagation': [5, 60], // the documentation says "within 2 minutes"; usually much less
};

/** Every operation takes exactly this many seconds: for tests of order, not of time. */
export const flatLatency = (seconds: number): LatencyModel => ({ default: [seconds, seconds] });
