import type { MachineStatus, MasterStatus, PoolStatus } from '../../model/clusterStatus.ts';
import { tolerated } from '../../model/quorum.ts';
import type { ObservedCluster, Snapshot } from '../snapshot.ts';
import type { Translate } from '../translate.ts';
import {
  backendWord,
  certificatesWord,
  clockTime,
  etcdWord,
  masterCount,
  nodeCount,
  nodesOf,
  readyWord,
  tolerance,
  type Speaker,
} from '../words.ts';
import { item, type Item } from './item.ts';

const good = 'testing.iconPassed';
const bad = 'testing.iconFailed';
const warning = 'list.warningForeground';

/**
 * The Clusters tree: cluster → zones of its region, including
 * empty ones → masters and pools → nodes; then the endpoint.
 */
export const clusterItems = (snapshot: Snapshot, zones: readonly string[], speaker: Speaker): Item[] =>
  snapshot.clusters.map((c) => clusterItem(snapshot, c, zones, speaker));

const clusterItem = (
  snapshot: Snapshot,
  cluster: ObservedCluster,
  zones: readonly string[],
  speaker: Speaker,
): Item => {
  const { t } = speaker;
  const words = [
    ...(cluster.masters.length === 0
      ? [t('no master yet')]
      : [masterCount(t, cluster.masters.length), tolerance(t, cluster.masters.length)]),
    nodeCount(t, nodesOf(cluster).length),
    cluster.region,
    ...(cluster.isProtected === true ? [t('protected')] : []),
  ];
  return item({
    id: `cluster/${cluster.uid}`,
    label: cluster.name,
    description: words.join(' · '),
    tooltip: `${cluster.name}: ${words.join(', ')}\n${cluster.endpoint}\n${snapshot.cloud}`,
    icon: cluster.isProtected === true ? 'lock' : 'server-environment',
    context: `cluster named console ${guardWord(cluster)}${cluster.masters.length === 1 ? ' single' : ''}`,
    open: true,
    target: {
      cluster: cluster.name,
      name: cluster.name,
      console: `net-services/loadbalancing/list/loadBalancers?project=${snapshot.project}`,
    },
    children: [
      ...unreachable(cluster, speaker),
      ...zonesOf(zones, cluster).map((zone) => zoneItem(snapshot, cluster, zone, speaker)),
      endpointItem(snapshot, cluster, t),
    ],
  });
};

const guardWord = (c: ObservedCluster): string => (c.isProtected === true ? 'protected' : 'unprotected');

// Actions available for a master: only a running one can be stopped,
// and only if the others tolerate it; the last one stays.
const masterContext = (cluster: ObservedCluster, master: MasterStatus): string =>
  [
    'master named console',
    guardWord(cluster),
    master.status === 'RUNNING' ? 'running' : 'off',
    ...(tolerated(cluster.masters.length) > 0 ? ['spare'] : []),
    ...(cluster.masters.length > 1 ? ['removable'] : []),
  ].join(' ');

const zonesOf = (zones: readonly string[], cluster: ObservedCluster): string[] =>
  [
    ...new Set([
      ...zones.filter((z) => z.startsWith(`${cluster.region}-`)),
      ...[...cluster.masters, ...cluster.pools].map((x) => x.zone),
    ]),
  ].sort();

const unreachable = (cluster: ObservedCluster, speaker: Speaker): Item[] => {
  const { t } = speaker;
  if (cluster.unreachable === undefined) return [];
  const since = cluster.unreachableSince;
  return [
    item({
      id: `unreachable/${cluster.uid}`,
      label: since === undefined ? t('API not queried') : t('API unreachable since {0}', clockTime(speaker, since)),
      description: cluster.unreachable,
      tooltip:
        cluster.kubernetesAt === undefined
          ? cluster.unreachable
          : `${cluster.unreachable}\n${t('Kubernetes data is from {0}.', clockTime(speaker, cluster.kubernetesAt))}`,
      icon: since === undefined ? 'info' : 'warning',
      ...(since === undefined ? {} : { color: warning }),
      target: { cluster: cluster.name },
    }),
  ];
};

const isLost = (c: ObservedCluster, zone: string): boolean => c.unreachableZones?.includes(zone) === true;

const zoneItem = (snapshot: Snapshot, cluster: ObservedCluster, zone: string, speaker: Speaker): Item => {
  const { t } = speaker;
  const masters = cluster.masters.filter((m) => m.zone === zone);
  const pools = cluster.pools.filter((p) => p.zone === zone);
  const nodes = pools.flatMap((p) => p.nodes);
  const lost = isLost(cluster, zone);
  const empty = masters.length === 0 && pools.length === 0 && !lost;
  const words = [
    ...(lost ? [t('unreachable')] : []),
    ...(masters.length === 0 ? [] : [masterCount(t, masters.length)]),
    ...(pools.length === 0 ? [] : [nodeCount(t, nodes.length)]),
  ];
  return item({
    // An empty zone has its own ID: otherwise the tree would keep it collapsed once it gets members.
    id: `${empty ? 'empty' : 'zone'}/${cluster.uid}/${zone}`,
    label: zone,
    description: empty ? t('empty') : words.join(' · '),
    tooltip: empty ? t('{0} has no resources in this zone', cluster.name) : lost ? t('Its contents are unknown.') : '',
    icon: empty ? 'circle-large-outline' : lost ? 'warning' : 'location',
    ...(lost ? { color: warning } : {}),
    context: `zone named${empty ? ' empty' : ''}`,
    open: !empty,
    target: { cluster: cluster.name, zone, name: zone },
    children: [
      ...masters.map((m) => masterItem(snapshot, cluster, m, speaker)),
      ...pools.map((p) => poolItem(snapshot, cluster, p, t)),
    ],
  });
};

const machineConsole = (snapshot: Snapshot, machine: MachineStatus): string =>
  `compute/instancesDetail/zones/${machine.zone}/instances/${machine.name}?project=${snapshot.project}`;

const masterItem = (snapshot: Snapshot, cluster: ObservedCluster, master: MasterStatus, speaker: Speaker): Item => {
  const well = master.status === 'RUNNING' && master.node === 'Ready' && master.backend === 'healthy';
  const aging = certificatesWord(speaker, master);
  const words = masterWords(master, aging, speaker.t);
  return item({
    id: `machine/${cluster.uid}/${master.name}`,
    label: master.name,
    description: words.join(' · '),
    tooltip: machineTooltip(master, words, speaker.t),
    icon: well ? 'vm-active' : master.status === 'RUNNING' ? 'vm-running' : 'vm',
    ...masterColor(master, well, aging !== undefined),
    context: masterContext(cluster, master),
    target: { cluster: cluster.name, name: master.name, console: machineConsole(snapshot, master) },
  });
};

const masterColor = (master: MasterStatus, well: boolean, aging: boolean): { color?: string } => {
  if (isBad(master) || master.backend === 'unhealthy') return { color: bad };
  if (aging) return { color: warning };
  return well ? { color: good } : {};
};

// Problems come first: a narrow side bar shows nothing else.
const masterWords = (master: MasterStatus, aging: string | undefined, t: Translate): string[] => {
  const words: readonly (readonly [text: string, isWrong: boolean])[] = [
    ...powerWords(master).map((word) => [word, true] as const),
    ...(aging === undefined ? [] : [[aging, true] as const]),
    [etcdWord(t, master.etcd), false],
    [backendWord(t, master.backend), master.backend === 'unhealthy'],
    [readyWord(t, master.node), master.node === 'NotReady'],
  ];
  return [...words.filter(([, wrong]) => wrong), ...words.filter(([, wrong]) => !wrong)].map(([text]) => text);
};

const poolItem = (snapshot: Snapshot, cluster: ObservedCluster, pool: PoolStatus, t: Translate): Item => {
  const ready = pool.nodes.filter((n) => n.node === 'Ready').length;
  const words = [
    t('{0}/{1} Ready', ready, pool.size),
    ...(pool.nodes[0] === undefined ? [] : [pool.nodes[0].machineType]),
  ];
  return item({
    id: `pool/${cluster.uid}/${pool.zone}/${pool.name}`,
    label: pool.name,
    description: words.join(' · '),
    tooltip: `${pool.name}: ${words.join(', ')}`,
    icon: 'layers',
    ...(ready === pool.size ? { color: good } : pool.stable ? { color: bad } : {}),
    context: `pool named console ${guardWord(cluster)}`,
    target: {
      cluster: cluster.name,
      zone: pool.zone,
      name: pool.name,
      console: `compute/instanceGroups/details/${pool.zone}/${pool.name}?project=${snapshot.project}`,
    },
    children: pool.nodes.map((n) => nodeItem(snapshot, cluster, n, t)),
  });
};

const nodeItem = (snapshot: Snapshot, cluster: ObservedCluster, machine: MachineStatus, t: Translate): Item => {
  const words = [...powerWords(machine), readyWord(t, machine.node)];
  return item({
    id: `machine/${cluster.uid}/${machine.name}`,
    label: machine.name,
    description: words.join(' · '),
    tooltip: machineTooltip(machine, words, t),
    icon: machine.node === 'Ready' ? 'vm-active' : 'vm-outline',
    ...(machine.node === 'Ready' ? { color: good } : isBad(machine) ? { color: bad } : {}),
    context: 'node named console',
    target: { cluster: cluster.name, name: machine.name, console: machineConsole(snapshot, machine) },
  });
};

const isBad = (machine: MachineStatus): boolean =>
  machine.node === 'NotReady' || !['RUNNING', 'STAGING', 'PROVISIONING'].includes(machine.status);

// Compute Engine's own status if it is not the expected one.
const powerWords = (m: MachineStatus): string[] => (m.status === 'RUNNING' ? [] : [m.status]);

const machineTooltip = (machine: MachineStatus, words: readonly string[], t: Translate): string =>
  [
    `${machine.name}: ${words.join(', ')}`,
    t('{0} in {1}, Compute Engine status {2}', machine.machineType, machine.zone, machine.status),
  ].join('\n');

const endpointItem = (snapshot: Snapshot, cluster: ObservedCluster, t: Translate): Item => {
  const healthy = cluster.masters.filter((m) => m.backend === 'healthy').length;
  const all = cluster.masters.length;
  return item({
    id: `endpoint/${cluster.uid}`,
    label: t('Endpoint {0}', cluster.endpoint.replace('https://', '')),
    description: t('{0}/{1} backends healthy', healthy, all),
    tooltip: cluster.endpoint,
    icon: 'globe',
    ...(healthy === all && all > 0 ? { color: good } : healthy === 0 && all > 0 ? { color: bad } : {}),
    context: 'endpoint named console',
    target: {
      cluster: cluster.name,
      name: cluster.endpoint,
      console: `net-services/loadbalancing/list/loadBalancers?project=${snapshot.project}`,
    },
  });
};
