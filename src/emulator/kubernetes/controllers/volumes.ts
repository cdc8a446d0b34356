import type { ClusterData } from '../clusterState.ts';
import type { KubeObject } from '../kubeObject.ts';
import {
  claimSpec,
  objectKey,
  podSpec,
  storedOf,
  volumeSpec,
  type Objects,
  type StoredObject,
} from '../storedObject.ts';
import { gone, replaced, workers, type Controller } from './controller.ts';
import { held, isLeaving, released } from './finalizers.ts';
import { chosenNode, diskOf, isProvisioned, provisioned, volumeFinalizer, volumeName } from './provisioner.ts';

const claimFinalizer = 'kubernetes.io/pvc-protection';

/**
 * Provisioner, attacher, and protection of volumes, as done by the external provisioner and
 * Google's persistent disk driver (gcp-compute-persistent-disk-csi-driver): a claim gets a disk
 * `pvc-<uid>` at once, whatever its class's binding mode; the disk is attached to the machine
 * of the pod that uses it, and deleted with the claim unless its class retains it.
 */
export const volumes = (controller: Controller): Objects => {
  let { objects } = controller.data;
  const now = (): Controller => ({ ...controller, data: { ...controller.data, objects } });
  for (const [key, claim] of storedOf(controller.data, 'persistentvolumeclaims')) {
    const volume = isLeaving(claim) ? undefined : provisioned(controller, claim);
    if (volume !== undefined) objects = { ...objects, ...volume };
    objects = replaced(controller, objects, key, isLeaving(claim) ? unused(now(), claim) : bound(now(), claim));
  }
  for (const [key, volume] of storedOf({ objects }, 'persistentvolumes'))
    objects = replaced(controller, objects, key, served(now(), volume));
  return objects;
};

const bound = (controller: Controller, stored: StoredObject): StoredObject => {
  const own = held(stored, claimFinalizer);
  const { object } = own;
  const wanted = claimSpec(object).volumeName ?? volumeName(object);
  const volume = controller.data.objects[objectKey('persistentvolumes', undefined, wanted)];
  if (volume !== undefined) return phaseOf(own) === 'Bound' ? own : bind(own, volume.object);
  const known = object.metadata.annotations?.[chosenNode];
  const node = known === undefined ? workers(controller)[0] : undefined;
  if (node === undefined || !isProvisioned(controller.data, object)) return own;
  const annotations = { ...object.metadata.annotations, [chosenNode]: node.name };
  const next = { ...own, object: { ...object, metadata: { ...object.metadata, annotations } } };
  // Creation of the disk starts immediately, not at the next pass.
  provisioned(controller, next);
  return next;
};

const bind = (stored: StoredObject, volume: KubeObject): StoredObject => {
  const { accessModes, capacity } = volume.spec as { accessModes: unknown; capacity: unknown };
  const spec = { ...(stored.object.spec as object), volumeName: volume.metadata.name };
  return { ...stored, object: { ...stored.object, spec, status: { phase: 'Bound', accessModes, capacity } } };
};

const usersOf = ({ objects }: ClusterData, namespace: string, claim: string): StoredObject[] =>
  storedOf({ objects }, 'pods').flatMap(([, pod]) => {
    const uses = podSpec(pod.object).volumes.some((x) => x.persistentVolumeClaim?.claimName === claim);
    const runs = pod.pod?.placed !== undefined && pod.pod.ended === undefined;
    return uses && runs && (pod.object.metadata.namespace ?? 'default') === namespace ? [pod] : [];
  });

// A claim that a pod uses stays until that pod is gone.
const unused = (controller: Controller, claim: StoredObject): StoredObject | undefined => {
  const { namespace = 'default', name } = claim.object.metadata;
  if (usersOf(controller.data, namespace, name).length > 0) return claim;
  // A claim that is deleted before its volume exists takes its disk along.
  const volume = controller.data.objects[objectKey('persistentvolumes', undefined, volumeName(claim.object))];
  const disk = volume === undefined ? diskOf(controller.data, claim.object) : undefined;
  return disk === undefined || gone(controller, disk) ? released(claim, claimFinalizer) : claim;
};

const served = (controller: Controller, stored: StoredObject): StoredObject | undefined => {
  const { claimRef, csi, persistentVolumeReclaimPolicy } = volumeSpec(stored.object);
  const disk = csi?.volumeHandle.replace(/^projects\/[^/]+\//, '');
  if (claimRef === undefined || disk === undefined) return stored;
  const claim = controller.data.objects[objectKey('persistentvolumeclaims', claimRef.namespace, claimRef.name)];
  const uid = claim?.object.metadata.uid;
  // A manually created volume names its claim without the uid and may exist before it.
  const wanted = claimRef.uid ?? uid;
  if (wanted === undefined) return stored;
  const isBound = uid === wanted;
  if (isBound) {
    const [user] = usersOf(controller.data, claimRef.namespace, claimRef.name);
    const node = user === undefined ? undefined : controller.data.nodes[podSpec(user.object).nodeName ?? ''];
    controller.host.made.attach(disk, node?.key);
    return phaseOf(stored) === 'Bound' ? stored : inPhase(stored, 'Bound');
  }
  if (phaseOf(stored) === 'Bound') controller.host.made.attach(disk, undefined);
  const next = phaseOf(stored) === 'Released' ? stored : inPhase(stored, 'Released');
  if (persistentVolumeReclaimPolicy !== 'Delete') return isLeaving(next) ? released(next, volumeFinalizer) : next;
  return gone(controller, disk) ? undefined : next;
};

const phaseOf = ({ object }: StoredObject): string | undefined =>
  (object.status as { phase?: string } | undefined)?.phase;

const inPhase = (stored: StoredObject, phase: string): StoredObject => ({
  ...stored,
  object: { ...stored.object, status: { phase } },
});

/** Zone that a pod must run in because of its volumes: undefined = any, '' = none yet, because a claim is not bound. */
export const volumeZone = ({ objects }: ClusterData, pod: KubeObject): string | undefined => {
  const claims = podSpec(pod).volumes.flatMap((x) => x.persistentVolumeClaim?.claimName ?? []);
  const zones = claims.map((name) => {
    const claim = objects[objectKey('persistentvolumeclaims', pod.metadata.namespace ?? 'default', name)];
    if (claim === undefined || isLeaving(claim)) return '';
    const volume = objects[objectKey('persistentvolumes', undefined, claimSpec(claim.object).volumeName ?? '')];
    return /zones\/([^/]+)\//.exec(
      volume === undefined ? '' : (volumeSpec(volume.object).csi?.volumeHandle ?? ''),
    )?.[1];
  });
  return zones.some((z) => z === undefined || z === '') ? '' : zones[0];
};
