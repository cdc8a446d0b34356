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

/** The Clusters tree: cluster → zones of its region, empty ones too → masters and pools → nodes; then the endpoint. */
export const clusterItems = (s: Snapshot, zones: readonly string[], speaker: Speaker): Item[] =>
  s.clusters.map((c) => clusterItem(s, c, zones, speaker));

const clusterItem = (s: Snapshot, c: ObservedCluster, zones: readonly string[], speaker: Speaker): Item => {
  const { t } = speaker;
  const words = [
    ...(c.masters.length === 0
      ? [t('no master yet')]
      : [masterCount(t, c.masters.length), tolerance(t, c.masters.length)]),
    nodeCount(t, nodesOf(c).length),
    c.region,
    ...(c.isProtected === true ? [t('protected')] : []),
  ];
  return item({
    id: `cluster/${c.uid}`,
    label: c.name,
    description: words.join(' · '),
    tooltip: `${c.name}: ${words.join(', ')}\n${c.endpoint}\n${s.cloud}`,
    icon: c.isProtected === true ? 'lock' : 'server-environment',
    context: `cluster named console ${guardWord(c)}${c.masters.length === 1 ? ' single' : ''}`,
    open: true,
    target: {
      cluster: c.name,
      name: c.name,
      console: `net-services/loadbalancing/list/loadBalancers?project=${s.project}`,
    },
    children: [
      ...unreachable(c, speaker),
      ...zonesOf(zones, c).map((zone) => zoneItem(s, c, zone, speaker)),
      endpointItem(s, c, t),
    ],
  });
};

const guardWord = (c: ObservedCluster): string => (c.isProtected === true ? 'protected' : 'unprotected');

// What can be done with a master: only one that runs is halted, and only where the others carry on; the last one never goes.
const masterContext = (c: ObservedCluster, m: MasterStatus): string =>
  [
    'master named console',
    guardWord(c),
    m.status === 'RUNNING' ? 'running' : 'off',
    ...(tolerated(c.masters.length) > 0 ? ['spare'] : []),
    ...(c.masters.length > 1 ? ['removable'] : []),
  ].join(' ');

const zonesOf = (zones: readonly string[], c: ObservedCluster): string[] =>
  [
    ...new Set([
      ...zones.filter((z) => z.startsWith(`${c.region}-`)),
      ...[...c.masters, ...c.pools].map((x) => x.zone),
    ]),
  ].sort();

const unreachable = (c: ObservedCluster, speaker: Speaker): Item[] => {
  const { t } = speaker;
  if (c.unreachable === undefined) return [];
  const since = c.unreachableSince;
  return [
    item({
      id: `unreachable/${c.uid}`,
      label: since === undefined ? t('API not queried') : t('API unreachable since {0}', clockTime(speaker, since)),
      description: c.unreachable,
      tooltip:
        c.kubernetesAt === undefined
          ? c.unreachable
          : `${c.unreachable}\n${t('Kubernetes data is from {0}.', clockTime(speaker, c.kubernetesAt))}`,
      icon: since === undefined ? 'info' : 'warning',
      ...(since === undefined ? {} : { color: warning }),
      target: { cluster: c.name },
    }),
  ];
};

const isLost = (c: ObservedCluster, zone: string): boolean => c.unreachableZones?.includes(zone) === true;

const zoneItem = (s: Snapshot, c: ObservedCluster, zone: string, speaker: Speaker): Item => {
  const { t } = speaker;
  const masters = c.masters.filter((m) => m.zone === zone);
  const pools = c.pools.filter((p) => p.zone === zone);
  const nodes = pools.flatMap((p) => p.nodes);
  const lost = isLost(c, zone);
  const empty = masters.length === 0 && pools.length === 0 && !lost;
  const words = [
    ...(lost ? [t('unreachable')] : []),
    ...(masters.length === 0 ? [] : [masterCount(t, masters.length)]),
    ...(pools.length === 0 ? [] : [nodeCount(t, nodes.length)]),
  ];
  return item({
    // Another id when something comes into it: the tree would keep the empty one's being closed.
    id: `${empty ? 'empty' : 'zone'}/${c.uid}/${zone}`,
    label: zone,
    description: empty ? t('empty') : words.join(' · '),
    tooltip: empty ? t('{0} has no resources in this zone', c.name) : lost ? t('Its contents are unknown.') : '',
    icon: empty ? 'circle-large-outline' : lost ? 'warning' : 'location',
    ...(lost ? { color: warning } : {}),
    context: `zone named${empty ? ' empty' : ''}`,
    open: !empty,
    target: { cluster: c.name, zone, name: zone },
    children: [...masters.map((m) => masterItem(s, c, m, speaker)), ...pools.map((p) => poolItem(s, c, p, t))],
  });
};

const machineConsole = (s: Snapshot, m: MachineStatus): string =>
  `compute/instancesDetail/zones/${m.zone}/instances/${m.name}?project=${s.project}`;

const masterItem = (s: Snapshot, c: ObservedCluster, m: MasterStatus, speaker: Speaker): Item => {
  const well = m.status === 'RUNNING' && m.node === 'Ready' && m.backend === 'healthy';
  const aging = certificatesWord(speaker, m);
  const words = masterWords(m, aging, speaker.t);
  return item({
    id: `machine/${c.uid}/${m.name}`,
    label: m.name,
    description: words.join(' · '),
    tooltip: machineTooltip(m, words, speaker.t),
    icon: well ? 'vm-active' : m.status === 'RUNNING' ? 'vm-running' : 'vm',
    ...masterColor(m, well, aging !== undefined),
    context: masterContext(c, m),
    target: { cluster: c.name, name: m.name, console: machineConsole(s, m) },
  });
};

const masterColor = (m: MasterStatus, well: boolean, aging: boolean): { color?: string } => {
  if (isBad(m) || m.backend === 'unhealthy') return { color: bad };
  if (aging) return { color: warning };
  return well ? { color: good } : {};
};

// What is wrong comes first: a narrow side bar shows no more.
const masterWords = (m: MasterStatus, aging: string | undefined, t: Translate): string[] => {
  const words: readonly (readonly [text: string, isWrong: boolean])[] = [
    ...powerWords(m).map((word) => [word, true] as const),
    ...(aging === undefined ? [] : [[aging, true] as const]),
    [etcdWord(t, m.etcd), false],
    [backendWord(t, m.backend), m.backend === 'unhealthy'],
    [readyWord(t, m.node), m.node === 'NotReady'],
  ];
  return [...words.filter(([, wrong]) => wrong), ...words.filter(([, wrong]) => !wrong)].map(([text]) => text);
};

const poolItem = (s: Snapshot, c: ObservedCluster, p: PoolStatus, t: Translate): Item => {
  const ready = p.nodes.filter((n) => n.node === 'Ready').length;
  const words = [t('{0}/{1} Ready', ready, p.size), ...(p.nodes[0] === undefined ? [] : [p.nodes[0].machineType])];
  return item({
    id: `pool/${c.uid}/${p.zone}/${p.name}`,
    label: p.name,
    description: words.join(' · '),
    tooltip: `${p.name}: ${words.join(', ')}`,
    icon: 'layers',
    ...(ready === p.size ? { color: good } : p.stable ? { color: bad } : {}),
    context: `pool named console ${guardWord(c)}`,
    target: {
      cluster: c.name,
      zone: p.zone,
      name: p.name,
      console: `compute/instanceGroups/details/${p.zone}/${p.name}?project=${s.project}`,
    },
    children: p.nodes.map((n) => nodeItem(s, c, n, t)),
  });
};

const nodeItem = (s: Snapshot, c: ObservedCluster, n: MachineStatus, t: Translate): Item => {
  const words = [...powerWords(n), readyWord(t, n.node)];
  return item({
    id: `machine/${c.uid}/${n.name}`,
    label: n.name,
    description: words.join(' · '),
    tooltip: machineTooltip(n, words, t),
    icon: n.node === 'Ready' ? 'vm-active' : 'vm-outline',
    ...(n.node === 'Ready' ? { color: good } : isBad(n) ? { color: bad } : {}),
    context: 'node named console',
    target: { cluster: c.name, name: n.name, console: machineConsole(s, n) },
  });
};

const isBad = (m: MachineStatus): boolean =>
  m.node === 'NotReady' || !['RUNNING', 'STAGING', 'PROVISIONING'].includes(m.status);

// Compute Engine's own word where it is not the expected one.
const powerWords = (m: MachineStatus): string[] => (m.status === 'RUNNING' ? [] : [m.status]);

const machineTooltip = (m: MachineStatus, words: readonly string[], t: Translate): string =>
  [`${m.name}: ${words.join(', ')}`, t('{0} in {1}, Compute Engine status {2}', m.machineType, m.zone, m.status)].join(
    '\n',
  );

const endpointItem = (s: Snapshot, c: ObservedCluster, t: Translate): Item => {
  const healthy = c.masters.filter((m) => m.backend === 'healthy').length;
  const all = c.masters.length;
  return item({
    id: `endpoint/${c.uid}`,
    label: t('Endpoint {0}', c.endpoint.replace('https://', '')),
    description: t('{0}/{1} backends healthy', healthy, all),
    tooltip: c.endpoint,
    icon: 'globe',
    ...(healthy === all && all > 0 ? { color: good } : healthy === 0 && all > 0 ? { color: bad } : {}),
    context: 'endpoint named console',
    target: {
      cluster: c.name,
      name: c.endpoint,
      console: `net-services/loadbalancing/list/loadBalancers?project=${s.project}`,
    },
  });
};
