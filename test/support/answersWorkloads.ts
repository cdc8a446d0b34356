import { apply, itemsOf, named, ownPods, readyOf, systemPods, until, workerOf, type Site } from './answersSite.ts';

const home = '/api/v1/namespaces/default';

/** A pod that completes, one that stays pending, one that stays on a node, and a claim with its volume. */
export const workloads = async (site: Site): Promise<void> => {
  const worker = await workerOf(site);
  const server = { name: 'one', image: 'nginx' };
  const container = { name: 'one', image: 'busybox', command: ['sh', '-c', 'echo hello'] };
  const pod = (name: string, more: object) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } } },
    spec: { restartPolicy: 'Never', containers: [container], ...more },
  });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const resources = { requests: { storage: '1Gi' } };
  const volume = {
    ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'data' } },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { namespace: 'default', name: 'data' },
      csi: { driver: 'pd.csi.storage.gke.io', volumeHandle: 'projects/p/zones/europe-west1-b/disks/data' },
    },
  };
  const claim = {
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', volumeName: 'data', resources },
  };
  const made = [
    apply('/api/v1/persistentvolumes/data', volume),
    apply(`${home}/persistentvolumeclaims/data`, claim),
    apply(`${home}/pods/ended`, pod('ended', {})),
    apply(
      `${home}/pods/staying`,
      pod('staying', { nodeSelector: { 'kubernetes.io/hostname': worker }, containers: [server] }),
    ),
    apply(`${home}/pods/waiting`, pod('waiting', { nodeSelector: { 'no-such': 'node' }, volumes })),
  ];
  for (const question of made) {
    const { status, text } = await site.api.send(question);
    if (status !== 201) throw new Error(`${question.path}: ${status} ${text}`);
  }
  await until(site, 'one pod ends and one runs', async () => {
    const own = await itemsOf(site, ownPods);
    return named(own, /^ended$/)?.status?.phase === 'Succeeded' && own.some((o) => readyOf(o) === 'True');
  });
  await until(site, 'CoreDNS is spread', async () => {
    const dns = (await itemsOf(site, systemPods)).filter((o) => o.metadata.labels['k8s-app'] === 'kube-dns');
    return dns.length === 2 && dns.every((o) => readyOf(o) === 'True');
  });
};
