import type { KubeObject } from './kubeObject.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterView } from './clusterState.ts';
import { leaseObjects } from './leaseObjects.ts';
import { nodeObjects } from './nodeObjects.ts';
import { podObjects } from './podObjects.ts';
import { endpointObjects, sliceObjects } from './endpointObjects.ts';
import { storedOf } from './storedObject.ts';
import { budgetObjects, daemonSetObjects, namespaceObjects, workloadObjects } from './workloadObjects.ts';

/** Allowed changes of a kind: `all`, `some` (Nodes: patch and delete only, no changes to machines' pods), or none. */
type Changes = 'all' | 'some' | 'none';

/** A kind that the simulated API serves. */
export interface ServedKind {
  /** Path of its group and version: `api/v1` or `apis/<group>/<version>`. */
  readonly root: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly changes: Changes;
  readonly objects: (host: GuestHost, view: ClusterView) => readonly KubeObject[];
}

const resource = (
  root: string,
  kind: string,
  shortNames: readonly string[],
  objects: ServedKind['objects'],
  more: Partial<Pick<ServedKind, 'namespaced' | 'changes' | 'plural'>> = {},
): ServedKind => {
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  return { root, plural, singular, kind, shortNames, namespaced: true, changes: 'all', objects, ...more };
};

const stored =
  (plural: string) =>
  (_host: GuestHost, { data, etcd }: ClusterView): readonly KubeObject[] =>
    storedOf(data, plural).map(([, { object }]) => ({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(etcd.index) },
    }));

/** All kinds, in discovery order. */
export const servedKinds: readonly ServedKind[] = [
  resource('api/v1', 'ConfigMap', ['cm'], stored('configmaps')),
  resource('api/v1', 'Endpoints', ['ep'], endpointObjects, { plural: 'endpoints', changes: 'none' }),
  resource('api/v1', 'Event', ['ev'], () => [], { changes: 'none' }),
  resource('api/v1', 'Namespace', ['ns'], namespaceObjects, { namespaced: false }),
  resource('api/v1', 'Node', ['no'], nodeObjects, { namespaced: false, changes: 'some' }),
  resource('api/v1', 'PersistentVolume', ['pv'], stored('persistentvolumes'), { namespaced: false }),
  resource('api/v1', 'PersistentVolumeClaim', ['pvc'], stored('persistentvolumeclaims')),
  resource('api/v1', 'Pod', ['po'], podObjects),
  resource('api/v1', 'Service', ['svc'], stored('services')),
  resource('apis/apps/v1', 'DaemonSet', ['ds'], daemonSetObjects, { changes: 'none' }),
  resource('apis/apps/v1', 'Deployment', ['deploy'], workloadObjects('deployments')),
  resource('apis/apps/v1', 'ReplicaSet', ['rs'], workloadObjects('replicasets')),
  resource('apis/coordination.k8s.io/v1', 'Lease', [], leaseObjects),
  resource('apis/discovery.k8s.io/v1', 'EndpointSlice', [], sliceObjects, { changes: 'none' }),
  resource('apis/policy/v1', 'PodDisruptionBudget', ['pdb'], budgetObjects),
  resource('apis/storage.k8s.io/v1', 'StorageClass', ['sc'], stored('storageclasses'), {
    plural: 'storageclasses',
    namespaced: false,
  }),
];
