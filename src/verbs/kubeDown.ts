import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun, type Remedies } from '../lib/remedy.ts';
import type { ClusterStatus, MasterStatus, PoolStatus } from '../model/clusterStatus.ts';
import type { KubeDown } from '../model/kubeUp.ts';
import { names, poolOfGroup } from '../model/names.ts';
import { insistOn } from '../model/zones.ts';

/** What a `kube-down` will do; `note` says what is chosen or kept where the variables leave it open. */
export type KubeDownDecision =
  | { readonly do: 'tearDown' }
  | { readonly do: 'nothing'; readonly why: string }
  | { readonly do: 'removeMaster'; readonly name: string; readonly note: string }
  | {
      readonly do: 'removeParts';
      readonly pools: readonly string[];
      readonly masters: readonly string[];
      readonly note: string;
    };

const refused = (message: string, remedy: Remedies): OperatorError => new OperatorError('refused', message, { remedy });

const listed = (parts: readonly { readonly name: string; readonly zone: string }[]): string =>
  parts.map((p) => `${p.name} in ${p.zone}`).join(', ');

/** A cluster as seen from one zone. */
interface View {
  readonly asked: KubeDown;
  readonly first: string;
  readonly masters: readonly MasterStatus[];
  readonly here: readonly MasterStatus[];
  readonly pools: readonly PoolStatus[];
  readonly elsewhere: {
    readonly masters: readonly MasterStatus[];
    readonly pools: readonly PoolStatus[];
  };
}

/**
 * Compares kube-down's variables with the existing resources: the table in the cluster's design. kube-up parity:
 * kube-down() in cluster/gce/util.sh deletes whatever the zone contains; ours refuses what would leave pools without a
 * master.
 */
export const decideKubeDown = (asked: KubeDown, cluster: ClusterStatus | undefined): KubeDownDecision => {
  if (cluster === undefined) return { do: 'nothing', why: `Cluster ${asked.cluster} has no resources.` };
  insistOn(cluster.unreachableZones ?? []);
  const isHere = (x: { zone: string }): boolean => x.zone === asked.zone;
  const [masters, pools] = [cluster.masters, cluster.pools];
  const view: View = {
    ...{ asked, masters, first: names(cluster.name).firstMaster },
    ...{ here: masters.filter(isHere), pools: pools.filter(isHere) },
    elsewhere: { masters: masters.filter((m) => !isHere(m)), pools: pools.filter((p) => !isHere(p)) },
  };
  checkReplica(view);
  if (asked.keepNodes && asked.existingMaster)
    return {
      do: 'nothing',
      why: 'KUBE_DELETE_NODES=false keeps the nodes, and KUBE_USE_EXISTING_MASTER=true keeps the master.',
    };
  if (asked.keepNodes) return masterOnly(view);
  if (view.here.length === 0 && view.pools.length === 0) return emptyZone(view);
  if (asked.existingMaster) return poolsOnly(view);
  return wholeZone(view);
};

const checkReplica = ({ asked, masters }: View): void => {
  if (asked.replica === undefined || masters.some((m) => m.name === asked.replica)) return;
  throw refused(
    `Master not found: KUBE_REPLICA_NAME=${asked.replica}`,
    `Masters of the cluster: ${masters.map((m) => m.name).join(', ') || 'none'}.`,
  );
};

const emptyZone = ({ asked, elsewhere }: View): KubeDownDecision => {
  const rest = listed([...elsewhere.masters, ...elsewhere.pools]);
  // A create that stopped before its first instance: there is little more than the root record.
  if (rest === '') return { do: 'tearDown' };
  return { do: 'nothing', why: `Cluster ${asked.cluster} has no resources in ${asked.zone}; it has ${rest}.` };
};

// The most recently created replica; never the first master.
const newestReplica = ({ here, first }: View): MasterStatus | undefined =>
  [...here].filter((m) => m.name !== first).sort((a, b) => (b.created ?? 0) - (a.created ?? 0))[0];

const masterOnly = (view: View): KubeDownDecision => {
  const chosen = view.asked.replica ?? newestReplica(view)?.name ?? view.here[0]?.name;
  if (chosen === undefined) return noMaster(view);
  if (view.masters.length === 1)
    throw refused(
      `${chosen} is the last master: KUBE_DELETE_NODES=false would leave the nodes without one`,
      'To tear the cluster down instead, unset KUBE_DELETE_NODES.',
    );
  if (view.asked.replica === undefined && chosen === view.first)
    throw refused(
      `${view.asked.zone} holds the first master ${view.first}, which is removed only when named explicitly while others exist`,
      `Set KUBE_REPLICA_NAME=${view.first}, or use the zone of another master: ${listed(view.elsewhere.masters)}.`,
    );
  return {
    do: 'removeMaster',
    name: chosen,
    note: `${chosen} will be removed, leaving ${view.masters.length - 1} of ${view.masters.length} masters.`,
  };
};

const noMaster = (view: View): KubeDownDecision =>
  view.pools.length === 0
    ? emptyZone(view)
    : { do: 'nothing', why: `${view.asked.zone} has no master of cluster ${view.asked.cluster}; its pools are kept.` };

const poolNames = ({ pools, asked }: View): string[] => pools.map((p) => poolOfGroup(names(asked.cluster), p.name));

const poolsOnly = (view: View): KubeDownDecision => {
  const stays = view.here.map((m) => m.name).join(', ');
  if (view.pools.length === 0)
    return { do: 'nothing', why: `${view.asked.zone} has no pool of cluster ${view.asked.cluster}; ${stays} is kept.` };
  return { do: 'removeParts', pools: poolNames(view), masters: [], note: stays === '' ? '' : `${stays} is kept.` };
};

const wholeZone = (view: View): KubeDownDecision => {
  const { elsewhere } = view;
  if (elsewhere.masters.length === 0 && elsewhere.pools.length === 0) return { do: 'tearDown' };
  if (elsewhere.masters.length === 0)
    throw refused(
      `${view.here.map((m) => m.name).join(', ') || 'Here'} is the last master, but other zones have pools: ${listed(elsewhere.pools)}`,
      toRun(
        'Remove those pools first (KUBE_USE_EXISTING_MASTER=true with their zone), or tear down the whole cluster',
        command`trizone down`,
      ),
    );
  const order = [...view.here].sort(
    (a, b) => Number(a.name === view.first) - Number(b.name === view.first) || (b.created ?? 0) - (a.created ?? 0),
  );
  const left = listed([...elsewhere.masters, ...elsewhere.pools]);
  return { do: 'removeParts', pools: poolNames(view), masters: order.map((m) => m.name), note: `Remaining: ${left}.` };
};
