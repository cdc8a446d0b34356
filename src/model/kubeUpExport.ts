import type { Cluster } from './cluster.ts';
import { diskVariables } from './kubeUpVariables.ts';
import { defaultPool } from './names.ts';
import { poolVariables } from './poolOptions.ts';

/** A master and its zone. */
export interface Placed {
  readonly name: string;
  readonly zone: string;
}

/**
 * A cluster as the article's lines: the `kube-up` calls that would create one like it, starting with the first zone.
 * What the script cannot express becomes a comment.
 */
export const kubeUpLines = (cluster: Cluster, masters: readonly Placed[]): string[] => {
  const first = masters.find((m) => m.name === cluster.names.firstMaster) ?? masters[0];
  const zone = first?.zone ?? cluster.zone;
  const common = {
    KUBERNETES_PROVIDER: 'gce',
    MULTIZONE: 'true',
    KUBE_GCE_INSTANCE_PREFIX: cluster.name,
    CLUSTER_IP_RANGE: cluster.podCidr,
    SERVICE_CLUSTER_IP_RANGE: cluster.serviceCidr,
    NODE_IP_RANGE: cluster.subnetCidr,
    MASTER_SIZE: cluster.master.machineType,
    ...diskVariables('master').write(cluster.master.disk),
  };
  const inFirst = cluster.pools.find((p) => p.name === defaultPool && p.zone === zone);
  const others = cluster.pools.filter((p) => p !== inFirst);
  const foreign = others.filter((p) => p.name !== defaultPool);
  return [
    ...Object.entries(common).map(([name, value]) => `export ${name}=${value}`),
    call(zone, poolCall(inFirst ?? { ...cluster.pool, nodes: 0 })),
    ...others
      .filter((p) => p.name === defaultPool)
      .map((p) => call(p.zone, { KUBE_USE_EXISTING_MASTER: 'true', ...poolCall(p) })),
    ...masters
      .filter((m) => m !== first)
      .map((m) => call(m.zone, { KUBE_REPLICATE_EXISTING_MASTER: 'true', KUBE_REPLICA_NAME: m.name })),
    ...foreign.map(
      (p) => `# Node pool ${p.name} in ${p.zone} with ${p.nodes} nodes: kube-up supports one pool per zone`,
    ),
    ...(cluster.apiAllow.length === 0
      ? []
      : [`# The API is open only to ${cluster.apiAllow.join(', ')}: kube-up opens it to anyone`]),
  ];
};

const call = (zone: string, words: Readonly<Record<string, string>>): string =>
  `${[...Object.entries(words), ['KUBE_GCE_ZONE', zone]].map(([name, value]) => `${name}=${value}`).join(' ')} kube-up`;

const poolCall = (pool: Omit<Cluster['pool'], 'name'>): Record<string, string> => ({
  NUM_NODES: String(pool.nodes),
  ...poolVariables(pool),
});
