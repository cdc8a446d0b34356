import type { MasterStatus, PoolStatus } from '../../src/model/clusterStatus.ts';
import type { ObservedCluster, Snapshot } from '../../src/ui/snapshot.ts';

/** A well master of the article. */
export const master = (more: Partial<MasterStatus> = {}): MasterStatus => ({
  name: 'kubernetes-master',
  zone: 'europe-west1-b',
  machineType: 'e2-standard-2',
  status: 'RUNNING',
  node: 'Ready',
  etcd: 'leader',
  backend: 'healthy',
  ...more,
});

/** The article's pool of a zone. */
export const pool = (zone = 'europe-west1-b'): PoolStatus => ({
  name: 'kubernetes-minion-group',
  zone,
  size: 3,
  stable: true,
  nodes: ['a1b2', 'c3d4', 'e5f6'].map((suffix) => ({
    name: `kubernetes-minion-group-${suffix}`,
    zone,
    machineType: 'e2-standard-2',
    status: 'RUNNING',
    node: 'Ready',
  })),
});

/** Zones as a cloud lists them. */
export const zones = ['europe-west1-b', 'europe-west1-c', 'europe-west1-d', 'us-central1-a'];

/** The article's first cluster. */
export const cluster = (more: Partial<ObservedCluster> = {}): ObservedCluster => ({
  name: 'kubernetes',
  uid: 'abcd1234',
  region: 'europe-west1',
  endpoint: 'https://34.76.1.9',
  masters: [master()],
  pools: [pool()],
  unreachable: undefined,
  running: undefined,
  kubernetesAt: 1_000,
  unreachableSince: undefined,
  ...more,
});

/** What a window saw. */
export const snapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  cloud: 'emulator at http://127.0.0.1:8080, project demo',
  project: 'demo',
  at: 1_000,
  fresh: true,
  clusters: [cluster()],
  problem: undefined,
  ...more,
});
