import { wallClock } from '../lib/clock.ts';
import { plural } from '../lib/text.ts';
import { certificateWords, endSoon } from '../model/certificates.ts';
import { runningWords, type MasterStatus, type PoolStatus } from '../model/clusterStatus.ts';
import { quorumWords } from '../model/quorum.ts';
import type { ClusterStatus } from '../steps/status.ts';
import { columns } from './cells.ts';
import { bold, dim, yellow } from './paint.ts';

const headings = ['NAME', 'ROLE', 'ZONE', 'MACHINE', 'NODE', 'ETCD', 'BACKEND'];

/** A cluster for display: its summary, then its machines by zone. */
export const clusterText = (cluster: ClusterStatus): string => {
  const nodes = cluster.pools.reduce((n, p) => n + p.nodes.length, 0);
  const healthy = cluster.masters.filter((m) => m.backend === 'healthy').length;
  const facts = [quorumWords(cluster.masters.length), plural(nodes, 'node'), cluster.region];
  const more = [
    ...(cluster.isProtected === true ? ['protected'] : []),
    ...(cluster.running === undefined ? [] : [runningWords(cluster.running)]),
  ];
  const [names = '', ...rows] = columns(
    headings,
    zonesOf(cluster).flatMap((zone) => zoneRows(cluster, zone)),
  );
  return [
    `${bold(cluster.name)}   ${[...facts, ...more].join(' · ')}`,
    `Endpoint ${cluster.endpoint}   ${healthy}/${cluster.masters.length} backends healthy`,
    ...[...troubles(cluster), ...cluster.masters.flatMap(aging)].map((text) => yellow(text)),
    ...(rows.length === 0 ? [] : ['', dim(names), ...rows]),
  ].join('\n');
};

const troubles = (cluster: ClusterStatus): string[] => [
  ...(cluster.unreachable === undefined ? [] : [`Kubernetes was not queried: ${cluster.unreachable}`]),
  ...(cluster.unreachableZones ?? []).map((zone) => `${zone} is unreachable, contents unknown`),
];

const aging = ({ name, certificatesEnd: end }: MasterStatus): string[] => {
  const now = wallClock.now();
  return end === undefined || !endSoon(end, now) ? [] : [`${name}: ${certificateWords(end, now)}`];
};

const zonesOf = (c: ClusterStatus): string[] => [...new Set([...c.masters, ...c.pools].map((x) => x.zone))].sort();

const zoneRows = (cluster: ClusterStatus, zone: string): string[][] => [
  ...cluster.masters
    .filter((m) => m.zone === zone)
    .map((m) => [m.name, 'master', zone, m.status, m.node, m.etcd, m.backend]),
  ...cluster.pools.filter((p) => p.zone === zone).flatMap(poolRows),
];

const poolRows = ({ name, zone, size, nodes }: PoolStatus): string[][] => [
  [name, 'pool', zone, '', `${nodes.filter((n) => n.node === 'Ready').length}/${size} Ready`],
  ...nodes.map((n) => [n.name, 'node', zone, n.status, n.node]),
];
