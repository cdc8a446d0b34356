import { wallClock } from '../../../lib/clock.ts';
import { uuid5 } from '../../../lib/ids.ts';
import type { ClusterData } from '../clusterState.ts';
import { kubeTime, type KubeObject } from '../kubeObject.ts';
import { claimSpec, objectKey, storedOf, type Objects, type StoredObject } from '../storedObject.ts';
import { made, type Controller } from './controller.ts';

const driver = 'pd.csi.storage.gke.io';

/** Finalizer that keeps a volume until its disk is gone. */
export const volumeFinalizer = 'external-provisioner.volume.kubernetes.io/finalizer';
/** Annotation on a claim: the Node that its disk is created for. */
export const chosenNode = 'volume.kubernetes.io/selected-node';

/** Name of a claim's volume and disk (external-provisioner: prefix `pvc` and the claim's uid). */
export const volumeName = (claim: KubeObject): string => `pvc-${claim.metadata.uid}`;

const classOf = ({ objects }: ClusterData, claim: KubeObject): KubeObject | undefined => {
  const classes = storedOf({ objects }, 'storageclasses').map(([, { object }]) => object);
  const { storageClassName } = claimSpec(claim);
  const isDefault = ({ metadata }: KubeObject): boolean =>
    metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
  return classes.find((o) => (storageClassName === undefined ? isDefault(o) : o.metadata.name === storageClassName));
};

/** Whether the claim's class has its volume provisioned by Google's driver. */
export const isProvisioned = (data: ClusterData, claim: KubeObject): boolean =>
  classOf(data, claim)?.provisioner === driver;

/** Path of the disk that is created for a claim; undefined until its zone is known. */
export const diskOf = (data: ClusterData, claim: KubeObject): string | undefined => {
  const zone = data.nodes[claim.metadata.annotations?.[chosenNode] ?? '']?.zone;
  return zone === undefined ? undefined : `zones/${zone}/disks/${volumeName(claim)}`;
};

/** The new volume of a claim, once its disk exists. */
export const provisioned = (controller: Controller, { object: claim }: StoredObject): Objects | undefined => {
  const storage = classOf(controller.data, claim);
  const name = volumeName(claim);
  const key = objectKey('persistentvolumes', undefined, name);
  if (storage?.provisioner !== driver || controller.data.objects[key] !== undefined) return undefined;
  const disk = diskOf(controller.data, claim);
  if (disk === undefined) return undefined;
  const { namespace = 'default', uid } = claim.metadata;
  const description = JSON.stringify({
    'kubernetes.io/created-for/pv/name': name,
    'kubernetes.io/created-for/pvc/name': claim.metadata.name,
    'kubernetes.io/created-for/pvc/namespace': namespace,
    'storage.gke.io/created-by': driver,
  });
  const { resources, accessModes } = claimSpec(claim);
  const sizeGb = String(Math.max(1, Math.ceil(gibibytes(resources.requests.storage))));
  if (made(controller, disk, { description, sizeGb, type: 'pd-balanced' }) === undefined) return undefined;
  const spec = {
    ...{ accessModes, capacity: { storage: `${sizeGb}Gi` }, claimRef: { namespace, name: claim.metadata.name, uid } },
    csi: { driver, volumeHandle: `projects/${controller.data.project}/${disk}` },
    persistentVolumeReclaimPolicy: storage.reclaimPolicy ?? 'Delete',
    storageClassName: storage.metadata.name,
  };
  return { [key]: { object: volumeObject(name, uid, spec), version: controller.index } };
};

const volumeObject = (name: string, claim: string, spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {
    name,
    uid: uuid5(claim, 'volume'),
    creationTimestamp: kubeTime(wallClock.now()),
    resourceVersion: '',
    annotations: { 'pv.kubernetes.io/provisioned-by': driver },
    finalizers: [volumeFinalizer],
  },
  spec,
  status: { phase: 'Bound' },
});

const units: Readonly<Record<string, number>> = {
  Ki: 2 ** -20,
  Mi: 2 ** -10,
  Gi: 1,
  Ti: 2 ** 10,
  G: 10 ** 9 / 2 ** 30,
};
const gibibytes = (quantity: string): number => {
  const [, number = '0', unit = ''] = /^([\d.]+)(\w*)$/.exec(quantity) ?? [];
  return Number(number) * (units[unit] ?? 2 ** -30);
};
