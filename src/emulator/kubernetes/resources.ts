import type { KubeObject } from './kubeObject.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterView } from './clusterState.ts';
import { leaseObjects } from './leaseObjects.ts';
import { nodeObjects } from './nodeObjects.ts';
import { podObjects } from './podObjects.ts';

/** A kind that the simulated API serves. Only what kubectl's get and describe and Trizone's validation ask for. */
export interface Resource {
  /** Path of its group and version: `api/v1` or `apis/<group>/<version>`. */
  readonly root: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly objects: (host: GuestHost, view: ClusterView) => readonly KubeObject[];
}

/** All kinds, in the order of discovery. */
export const resources: readonly Resource[] = [
  {
    root: 'api/v1',
    plural: 'events',
    singular: 'event',
    kind: 'Event',
    shortNames: ['ev'],
    namespaced: true,
    objects: () => [],
  },
  {
    root: 'api/v1',
    plural: 'nodes',
    singular: 'node',
    kind: 'Node',
    shortNames: ['no'],
    namespaced: false,
    objects: nodeObjects,
  },
  {
    root: 'api/v1',
    plural: 'pods',
    singular: 'pod',
    kind: 'Pod',
    shortNames: ['po'],
    namespaced: true,
    objects: podObjects,
  },
  {
    root: 'apis/coordination.k8s.io/v1',
    plural: 'leases',
    singular: 'lease',
    kind: 'Lease',
    shortNames: [],
    namespaced: true,
    objects: leaseObjects,
  },
];
