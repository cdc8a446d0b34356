import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterView } from './clusterState.ts';
import { ownerOf } from './controllers/workloads.ts';
import { budgetNow } from './budgets.ts';
import { kubeTime, type KubeObject } from './kubeObject.ts';
import { podLife } from './podLife.ts';
import { daemonSetUid } from './podObjects.ts';
import { storedOf, workloadSpec, type StoredObject } from './storedObject.ts';

const versioned = ({ etcd }: ClusterView, object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(etcd.index) },
});

/** Namespaces; one being deleted goes away once it is empty. */
export const namespaceObjects = (_host: GuestHost, view: ClusterView): readonly KubeObject[] =>
  storedOf(view.data, 'namespaces').map(([, { object }]) => ({
    ...versioned(view, object),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: object.metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating' },
  }));

const podsBelow = ({ data }: ClusterView, object: KubeObject): StoredObject[] => {
  const sets = storedOf(data, 'replicasets').filter(([, set]) => ownerOf(set.object) === object.metadata.uid);
  const owners = new Set([object.metadata.uid, ...sets.map(([, set]) => set.object.metadata.uid)]);
  return storedOf(data, 'pods').flatMap(([, pod]) => (owners.has(ownerOf(pod.object) ?? '') ? [pod] : []));
};

/** Deployments or ReplicaSets with their replica counts. */
export const workloadObjects =
  (plural: 'deployments' | 'replicasets') =>
  (host: GuestHost, view: ClusterView): readonly KubeObject[] =>
    storedOf(view.data, plural).map(([, { object, version }]) => {
      const pods = podsBelow(view, object).filter((p) => p.pod?.deleting === undefined);
      const ready = pods.filter((p) => podLife(host, view.data, p).ready).length;
      const wanted = workloadSpec(object).replicas;
      const available = ready >= wanted ? 'True' : 'False';
      const deployment = {
        updatedReplicas: pods.length,
        conditions: [
          { type: 'Available', status: available, reason: 'MinimumReplicasAvailable', message: '' },
          { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: '' },
        ],
      };
      return {
        ...versioned(view, object),
        metadata: { ...object.metadata, resourceVersion: String(view.etcd.index), generation: version },
        status: {
          observedGeneration: version,
          replicas: pods.length,
          readyReplicas: ready,
          availableReplicas: ready,
          ...(plural === 'deployments' ? deployment : {}),
        },
      };
    });

/** PodDisruptionBudgets with the disruptions they allow now. */
export const budgetObjects = (host: GuestHost, view: ClusterView): readonly KubeObject[] =>
  storedOf(view.data, 'poddisruptionbudgets').map(([, { object }]) => ({
    ...versioned(view, object),
    status: budgetNow(host, view.data, object),
  }));

/** The DaemonSets whose pods run on every machine; kubectl drain looks them up. */
export const daemonSetObjects = (host: GuestHost, view: ClusterView): readonly KubeObject[] => {
  const { data } = view;
  const nodes = Object.values(data.nodes);
  const created = Math.min(host.clock.now(), ...nodes.map((n) => n.created));
  const made = (name: string, count: number): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name,
      namespace: 'kube-system',
      uid: daemonSetUid(data.uid, name),
      creationTimestamp: kubeTime(created),
      resourceVersion: String(view.etcd.index),
    },
    spec: { selector: { matchLabels: { 'k8s-app': name } } },
    status: { currentNumberScheduled: count, desiredNumberScheduled: count, numberReady: count, numberMisscheduled: 0 },
  });
  const controller = data.addOnsAt !== undefined;
  return [
    made('kube-proxy', nodes.length),
    ...(controller ? [made('cloud-controller-manager', nodes.filter((n) => n.master).length)] : []),
  ];
};
