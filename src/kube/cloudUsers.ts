import * as v from 'valibot';
import type { KubeConnection } from './connection.ts';
import type { CloudUsers, Volume } from './kubernetes.ts';

const text = v.nullish(v.string(), '');
const named = { metadata: v.object({ name: v.string(), namespace: text }) };
const service = v.object({ ...named, spec: v.object({ type: text }) });
const claim = v.object({ ...named, spec: v.object({ volumeName: text }) });
const pod = v.object({
  metadata: v.object({ name: v.string(), namespace: text, deletionTimestamp: text }),
  spec: v.object({
    volumes: v.nullish(
      v.array(v.object({ persistentVolumeClaim: v.nullish(v.object({ claimName: v.string() })) })),
      [],
    ),
  }),
});
const volume = v.object({
  ...named,
  spec: v.object({
    persistentVolumeReclaimPolicy: v.nullish(v.string(), 'Retain'),
    csi: v.nullish(v.object({ volumeHandle: v.string() })),
    gcePersistentDisk: v.nullish(v.object({ pdName: v.string() })),
    claimRef: v.nullish(v.object({ namespace: text, name: v.string() })),
  }),
});

/**
 * What the cluster's Services and volumes use in the cloud, from three parallel lists; pods are listed only if there
 * are claims to delete.
 */
export const cloudUsers = async (api: KubeConnection, signal?: AbortSignal): Promise<CloudUsers> => {
  const [services, claims, stored] = await Promise.all([
    api.list('/api/v1/services', service, signal),
    api.list('/api/v1/persistentvolumeclaims', claim, signal),
    api.list('/api/v1/persistentvolumes', volume, signal),
  ]);
  const volumes = stored.items.map(volumeOf);
  const kept = new Set(volumes.filter((x) => !x.goes).map((x) => x.name));
  const going = claims.items.filter((c) => !kept.has(c.spec.volumeName)).map((c) => c.metadata);
  const pods = going.length === 0 ? [] : (await api.list('/api/v1/pods', pod, signal)).items;
  const isGoing = (namespace: string, name?: string): boolean =>
    going.some((c) => c.namespace === namespace && c.name === name);
  return {
    balancers: services.items.filter((s) => s.spec.type === 'LoadBalancer').map((s) => s.metadata),
    claims: going,
    pods: pods
      .filter((p) => p.spec.volumes.some((x) => isGoing(p.metadata.namespace, x.persistentVolumeClaim?.claimName)))
      .map(({ metadata: { name, namespace, deletionTimestamp } }) => ({
        ...{ name, namespace, ending: deletionTimestamp !== '' },
      })),
    volumes,
  };
};

const volumeOf = ({ metadata, spec }: v.InferOutput<typeof volume>): Volume => ({
  name: metadata.name,
  disk: spec.csi?.volumeHandle.split('/').at(-1) ?? spec.gcePersistentDisk?.pdName ?? '',
  goes: spec.persistentVolumeReclaimPolicy === 'Delete',
  claim: spec.claimRef == null ? '' : `${spec.claimRef.namespace}/${spec.claimRef.name}`,
});
