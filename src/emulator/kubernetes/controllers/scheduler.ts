import type { GuestHost } from '../../guestRuntime.ts';
import type { ClusterData, NodeRecord } from '../clusterState.ts';
import type { KubeObject } from '../kubeObject.ts';
import { nodeLife } from '../nodeLife.ts';
import { labelsOf, masterTaint } from '../nodeLabels.ts';
import { podSpec, storedOf, type Objects, type StoredObject } from '../storedObject.ts';
import { volumeZone } from './volumes.ts';
import { ownerOf, without } from './workloads.ts';

/** Binds pending pods to Nodes: Ready, not cordoned, taints tolerated, pods of one owner spread over zones and Nodes. */
export const scheduler = (host: GuestHost, data: ClusterData): Objects => {
  let { objects } = data;
  for (const [key, stored] of storedOf(data, 'pods')) {
    if (stored.pod?.placed !== undefined || stored.pod?.deleting !== undefined) continue;
    const node = placeFor(host, { ...data, objects }, stored);
    if (node === undefined) continue;
    const object = placed(data, stored.object, node);
    objects = { ...objects, [key]: { ...stored, object, pod: { ...stored.pod, placed: host.clock.now() } } };
  }
  return objects;
};

// A pod that is bound also gets its Node's topology labels (Kubernetes' admission plugin PodTopologyLabels).
const placed = ({ region }: ClusterData, object: KubeObject, { name, zone }: NodeRecord): KubeObject => {
  const { labels } = object.metadata;
  const place = { 'topology.kubernetes.io/region': region, 'topology.kubernetes.io/zone': zone };
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...labels, ...place } },
    spec: { ...(object.spec as object), nodeName: name },
  };
};

const placeFor = (host: GuestHost, data: ClusterData, stored: StoredObject): NodeRecord | undefined => {
  const { nodeName } = podSpec(stored.object);
  // A pod that names its Node bypasses the scheduler.
  if (nodeName !== undefined) return data.nodes[nodeName];
  const fit = Object.values(data.nodes).filter((node) => isFit(host, data, node, stored));
  return [...fit].sort((a, b) => burden(data, a, stored) - burden(data, b, stored))[0];
};

const isFit = (host: GuestHost, data: ClusterData, node: NodeRecord, stored: StoredObject): boolean => {
  const life = nodeLife(host, data, node);
  if (life.ready !== 'True' || !life.initialized || node.unschedulable === true) return false;
  const { tolerations = [], nodeSelector = {} } = podSpec(stored.object);
  const tolerated = tolerations.some((t) => t.key === masterTaint || (t.key === undefined && t.operator === 'Exists'));
  const zone = volumeZone(data, stored.object);
  if (zone !== undefined && zone !== node.zone) return false;
  const labels = labelsOf(data, node, life);
  return (!node.master || tolerated) && Object.entries(nodeSelector).every(([k, x]) => labels[k] === x);
};

const burden = (data: ClusterData, node: NodeRecord, stored: StoredObject): number => {
  const owner = ownerOf(stored.object);
  const placed = storedOf(data, 'pods').flatMap(([, other]) => {
    const at = data.nodes[podSpec(other.object).nodeName ?? ''];
    return at === undefined || other.pod?.deleting !== undefined ? [] : [{ at, other }];
  });
  const kin = owner === undefined ? [] : placed.filter(({ other }) => ownerOf(other.object) === owner);
  return (
    kin.filter(({ at }) => at.zone === node.zone).length * 1000 +
    kin.filter(({ at }) => at.name === node.name).length * 500 +
    placed.filter(({ at }) => at.name === node.name).length
  );
};

/** The masters' timer: restarts the rollout of CoreDNS if it is in one zone although Nodes of another are Ready. */
export const spreadDns = (host: GuestHost, data: ClusterData): Objects => {
  const pods = storedOf(data, 'pods').filter(
    ([, { object, pod }]) => isDns(object.metadata.labels) && pod?.deleting === undefined,
  );
  const zones = new Set(pods.map(([, { object }]) => data.nodes[podSpec(object).nodeName ?? '']?.zone));
  const [first] = pods;
  if (pods.length < 2 || zones.size > 1 || first === undefined || zones.has(undefined)) return data.objects;
  const others = Object.values(data.nodes).filter((n) => !zones.has(n.zone) && isFit(host, data, n, first[1]));
  const last = pods.at(-1)?.[0];
  return others.length === 0 || last === undefined ? data.objects : without(data.objects, last);
};

/** Whether labels are CoreDNS's. */
export const isDns = (labels: Readonly<Record<string, string>> | undefined): boolean =>
  labels?.['k8s-app'] === 'kube-dns';
