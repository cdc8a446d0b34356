import type { KubernetesWriter, Manifest } from '../kube/kubernetes.ts';

/** Our own namespaces for temporary test workloads (`steps/testbed.ts`). */
export const temporaryNamespaces = { smoke: 'trizone-smoke', drill: 'trizone-drill' } as const;

/** Lease number `number` of the prober (`operate/prober.ts`). */
export const probeLease = (number: number | string): Manifest => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: `trizone-probe-${number}`, namespace: 'kube-system' },
});

/**
 * Uncordons the Nodes that `run` has cordoned, or any run by default; only those in `among`, if given. A manual cordon
 * records no run.
 */
export const takeBackCordons = async (
  kubernetes: KubernetesWriter,
  run?: string,
  among?: readonly string[],
): Promise<void> => {
  const own = (await kubernetes.nodes()).filter(
    (node) =>
      node.cordonedBy !== undefined &&
      (run === undefined || node.cordonedBy === run) &&
      (among === undefined || among.includes(node.name)),
  );
  for (const node of own) await kubernetes.uncordon(node.name);
};

/**
 * Removes what runs leave in Kubernetes, however they ended: cordons, namespaces, the prober's Leases. Call it only at
 * the end of a run that holds the cluster's lease: no other run is alive then, so all of it is its own or a dead run's.
 */
export const takeBack = async (kubernetes: KubernetesWriter): Promise<void> => {
  await takeBackCordons(kubernetes);
  for (const name of Object.values(temporaryNamespaces))
    await kubernetes.remove({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const prefix = probeLease('').metadata.name;
  for (const { name } of await kubernetes.leases('kube-system'))
    if (name.startsWith(prefix)) await kubernetes.remove(probeLease(name.slice(prefix.length)));
};
