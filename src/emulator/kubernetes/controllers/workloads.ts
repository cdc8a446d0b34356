import { wallClock } from '../../../lib/clock.ts';
import { randomText, uuid4, uuid5 } from '../../../lib/ids.ts';
import type { GuestHost } from '../../guestRuntime.ts';
import type { ClusterView } from '../clusterState.ts';
import { kubeTime, type KubeObject } from '../kubeObject.ts';
import { isFinalized, isLeaving, marked } from './finalizers.ts';
import { objectKey, storedOf, workloadSpec, type Objects, type StoredObject } from '../storedObject.ts';

const nameAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

interface Owner {
  readonly uid: string;
  readonly kind: string;
  readonly controller?: boolean;
}

/** uid of the controller of an object, if it has one. */
export const ownerOf = ({ metadata }: KubeObject): string | undefined =>
  (metadata.ownerReferences as readonly Owner[] | undefined)?.find((o) => o.controller === true)?.uid;

const child = (
  host: GuestHost,
  owner: KubeObject,
  made: Omit<KubeObject, 'metadata'>,
  name: string,
  labels: object,
) => ({
  ...made,
  metadata: {
    name,
    namespace: owner.metadata.namespace ?? 'default',
    uid: uuid4(host.ids),
    creationTimestamp: kubeTime(wallClock.now()),
    resourceVersion: '',
    labels: labels as Record<string, string>,
    ownerReferences: [
      {
        apiVersion: owner.apiVersion,
        kind: owner.kind,
        name: owner.metadata.name,
        uid: owner.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  },
});

/**
 * Deployments create and scale their ReplicaSets; a changed template
 * creates a new one, and the old one scales down to zero.
 */
export const deployments = (host: GuestHost, { etcd }: ClusterView, objects: Objects): Objects => {
  let now = objects;
  for (const [, { object }] of storedOf({ objects }, 'deployments')) {
    const { template, replicas, selector } = workloadSpec(object);
    const hash = uuid5('template', JSON.stringify(template)).slice(0, 8);
    const name = `${object.metadata.name}-${hash}`;
    const key = objectKey('replicasets', object.metadata.namespace, name);
    const labels = { ...template.metadata.labels, 'pod-template-hash': hash };
    const spec = {
      replicas,
      selector: { matchLabels: { ...selector.matchLabels, 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    };
    const made = (): KubeObject => child(host, object, { apiVersion: 'apps/v1', kind: 'ReplicaSet' }, name, labels);
    const set = now[key]?.object ?? made();
    now = withObject(now, key, { ...set, spec }, etcd.index);
    for (const [other, old] of storedOf({ objects: now }, 'replicasets'))
      if (other !== key && ownerOf(old.object) === object.metadata.uid)
        now = withObject(now, other, { ...old.object, spec: { ...workloadSpec(old.object), replicas: 0 } }, etcd.index);
  }
  return now;
};

const withObject = (objects: Objects, key: string, object: KubeObject, version: number): Objects =>
  JSON.stringify(objects[key]?.object.spec) === JSON.stringify(object.spec)
    ? objects
    : { ...objects, [key]: { ...objects[key], object, version } };

/** ReplicaSets create missing pods and delete surplus ones; ended and terminating ones do not count. */
export const replicaSets = (host: GuestHost, { etcd }: ClusterView, objects: Objects): Objects => {
  let now = objects;
  for (const [, { object }] of storedOf({ objects }, 'replicasets')) {
    const { replicas, template } = workloadSpec(object);
    const own = storedOf({ objects: now }, 'pods').filter(([, pod]) => counts(pod, object.metadata.uid));
    for (let n = own.length; n < replicas; n++) {
      const name = `${object.metadata.name}-${randomText(host.ids, 5, nameAlphabet)}`;
      const pod: KubeObject = {
        ...child(host, object, { apiVersion: 'v1', kind: 'Pod' }, name, template.metadata.labels),
        spec: template.spec,
      };
      now = {
        ...now,
        [objectKey('pods', pod.metadata.namespace, name)]: { object: pod, version: etcd.index, pod: {} },
      };
    }
    const fewestPlaced = [...own].sort(([, a], [, b]) => (b.pod?.placed ?? Infinity) - (a.pod?.placed ?? Infinity));
    for (const [key, pod] of fewestPlaced.slice(0, Math.max(0, own.length - replicas)))
      now = { ...now, [key]: leaving(host, pod) };
  }
  return now;
};

const counts = ({ object, pod }: StoredObject, owner: string): boolean =>
  ownerOf(object) === owner && pod?.deleting === undefined && pod?.ended === undefined;

/** The pod, marked for deletion; it exists until its kubelet has ended it. */
export const leaving = (host: GuestHost, stored: StoredObject, graceMs = 30_000): StoredObject =>
  stored.pod?.deleting === undefined
    ? {
        ...stored,
        object: {
          ...stored.object,
          metadata: {
            ...stored.object.metadata,
            deletionTimestamp: kubeTime(wallClock.now() + graceMs),
            deletionGracePeriodSeconds: graceMs / 1000,
          },
        },
        pod: { ...stored.pod, deleting: { at: host.clock.now(), graceMs } },
      }
    : stored;

/** The garbage collector: deletes dependents of deleted owners, and everything in a terminating namespace. */
export const orphans = (host: GuestHost, objects: Objects): Objects => {
  const uids = new Set(Object.values(objects).map(({ object }) => object.metadata.uid));
  const isGone = ({ object }: StoredObject): boolean => {
    const owner = ownerOf(object);
    const namespace = object.metadata.namespace;
    const home = namespace === undefined ? undefined : objects[objectKey('namespaces', undefined, namespace)];
    return (owner !== undefined && !uids.has(owner)) || home?.object.metadata.deletionTimestamp !== undefined;
  };
  let now = objects;
  for (const [key, stored] of Object.entries(objects)) {
    if (isGone(stored) && isFinalized(stored) && !isLeaving(stored)) now = { ...now, [key]: marked(stored) };
    else if (isFinalized(stored)) continue;
    else if (isGone(stored) && !key.startsWith('pods/')) now = without(now, key);
    else if (isGone(stored) && stored.pod?.deleting === undefined) now = { ...now, [key]: leaving(host, stored) };
    else if (isEmptied(objects, key, stored)) now = without(now, key);
  }
  return now;
};

const isEmptied = (objects: Objects, key: string, { object }: StoredObject): boolean =>
  key.startsWith('namespaces/') &&
  object.metadata.deletionTimestamp !== undefined &&
  !Object.values(objects).some((o) => o.object.metadata.namespace === object.metadata.name);

/** The objects without one of them. */
export const without = (objects: Objects, key: string): Objects =>
  Object.fromEntries(Object.entries(objects).filter(([other]) => other !== key));
