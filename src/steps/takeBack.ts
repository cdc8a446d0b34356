import type { KubernetesWriter, Manifest } from '../kube/kubernetes.ts';

/** Namespaces of our own in which workloads are tried, for a moment (`steps/testbed.ts`). */
export const temporaryNamespaces = { smoke: 'trizone-smoke', drill: 'trizone-drill' } as const;

/** Lease number `number` that the prober writes (`operate/prober.ts`). */
export const probeLease = (number: number | string): Manifest => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: `trizone-probe-${number}`, namespace: 'kube-system' },
});

/**
 * Lets Nodes take pods again that `run` has cordoned, or any run where none is said; of `among` only, where they are named. What a
 * person has cordoned bears no run's name.
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
 * What runs leave in Kubernetes, whichever way they ended: cordons, namespaces, the prober's Leases. Only for whoever holds the
 * cluster's lease and is about to end: no other run lives then, so that all of it is a dead run's or its own.
 */
export const takeBack = async (kubernetes: KubernetesWriter): Promise<void> => {
  await takeBackCordons(kubernetes);
  for (const name of Object.values(temporaryNamespaces))
    await kubernetes.remove({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const prefix = probeLease('').metadata.name;
  for (const { name } of await kubernetes.leases('kube-system'))
    if (name.startsWith(prefix)) await kubernetes.remove(probeLease(name.slice(prefix.length)));
};
