import { OperatorError } from '../lib/operatorError.ts';
import type { KubeDown } from '../model/kubeUp.ts';
import { names } from '../model/names.ts';
import type { ClusterStatus } from '../steps/status.ts';

/** What a `kube-down` comes to. */
export type KubeDownDecision = { readonly do: 'tearDown' } | { readonly do: 'nothing'; readonly why: string };

const refused = (message: string, remedy: string): OperatorError => new OperatorError('refused', message, { remedy });

/**
 * kube-down's variables against what is there. kube-up parity: kube-down() in cluster/gce/util.sh deletes whatever the zone
 * holds; ours refuses what would leave pools without a master, and says what is not offered yet.
 */
export const decideKubeDown = (asked: KubeDown, cluster: ClusterStatus | undefined): KubeDownDecision => {
  if (cluster === undefined) return { do: 'nothing', why: `Nothing of cluster ${asked.cluster} is there.` };
  const masters = cluster.masters.filter((m) => m.zone === asked.zone);
  const pools = cluster.pools.filter((p) => p.zone === asked.zone);
  const elsewhere = [...cluster.masters, ...cluster.pools]
    .filter((x) => x.zone !== asked.zone)
    .map((x) => `${x.name} in ${x.zone}`);
  if (masters.length === 0 && pools.length === 0 && elsewhere.length > 0) {
    return {
      do: 'nothing',
      why: `Nothing of cluster ${asked.cluster} is in ${asked.zone}; it has ${elsewhere.join(', ')}.`,
    };
  }
  if (asked.replica !== undefined && !cluster.masters.some((m) => m.name === asked.replica))
    throw refused(
      `The cluster has no master of that name: KUBE_REPLICA_NAME=${asked.replica}`,
      `It has ${cluster.masters.map((m) => m.name).join(', ') || 'none'}. Unset it to tear the whole cluster down.`,
    );
  if (asked.keepNodes)
    throw keepsNodes(
      asked,
      cluster,
      masters.map((m) => m.name),
    );
  if (asked.existingMaster)
    throw refused(
      'Removing a node pool alone is not offered yet: KUBE_USE_EXISTING_MASTER=true',
      'Unset it to tear the whole cluster down.',
    );
  if (elsewhere.length > 0) {
    throw refused(
      `Other zones hold parts of the cluster: ${elsewhere.join(', ')}`,
      'Tear the whole cluster down: trizone down',
    );
  }
  return { do: 'tearDown' };
};

const keepsNodes = (asked: KubeDown, cluster: ClusterStatus, here: readonly string[]): OperatorError => {
  const only = cluster.masters.length <= 1 || (here.length === 1 && here[0] === names(cluster.name).firstMaster);
  return only
    ? refused(
        `${here[0] ?? cluster.name} is the last master: KUBE_DELETE_NODES=false would leave nodes without one`,
        'Tear down instead: unset KUBE_DELETE_NODES.',
      )
    : refused(
        `Removing a master alone is not offered yet: KUBE_DELETE_NODES=false in ${asked.zone}`,
        'Tear the whole cluster down: trizone down',
      );
};
