import { wallClock } from '../lib/clock.ts';
import { plural } from '../lib/text.ts';
import { certificateWords, endSoon } from '../model/certificates.ts';
import { runningWords, type MasterStatus, type PoolStatus } from '../model/clusterStatus.ts';
import { quorumWords } from '../model/quorum.ts';
import type { ClusterStatus } from '../steps/status.ts';
import { columns } from './cells.ts';
import { bold, dim, yellow } from './paint.ts';

const headings = ['NAME', 'ROLE', 'ZONE', 'MACHINE', 'NODE', 'ETCD', 'BACKEND'];

/** A cluster for people: what it is, then its machines in their zones. */
export const clusterText = (c: ClusterStatus): string => {
  const nodes = c.pools.reduce((n, p) => n + p.nodes.length, 0);
  const healthy = c.masters.filter((m) => m.backend === 'healthy').length;
  const facts = [quorumWords(c.masters.length), plural(nodes, 'node'), c.region];
  const more = [
    ...(c.isProtected === true ? ['protected'] : []),
    ...(c.running === undefined ? [] : [runningWords(c.running)]),
  ];
  const [names = '', ...rows] = columns(
    headings,
    zonesOf(c).flatMap((zone) => zoneRows(c, zone)),
  );
  return [
    `${bold(c.name)}   ${[...facts, ...more].join(' · ')}`,
    `Endpoint ${c.endpoint}   ${healthy}/${c.masters.length} backends healthy`,
    ...[...troubles(c), ...c.masters.flatMap(aging)].map((text) => yellow(text)),
    ...(rows.length === 0 ? [] : ['', dim(names), ...rows]),
  ].join('\n');
};

const troubles = (c: ClusterStatus): string[] => [
  ...(c.unreachable === undefined ? [] : [`Kubernetes was not queried: ${c.unreachable}`]),
  ...(c.unreachableZones ?? []).map((zone) => `${zone} is unreachable, contents unknown`),
];

const aging = ({ name, certificatesEnd: end }: MasterStatus): string[] => {
  const now = wallClock.now();
  return end === undefined || !endSoon(end, now) ? [] : [`${name}: ${certificateWords(end, now)}`];
};

const zonesOf = (c: ClusterStatus): string[] => [...new Set([...c.masters, ...c.pools].map((x) => x.zone))].sort();

const zoneRows = (c: ClusterStatus, zone: string): string[][] => [
  ...c.masters.filter((m) => m.zone === zone).map((m) => [m.name, 'master', zone, m.status, m.node, m.etcd, m.backend]),
  ...c.pools.filter((p) => p.zone === zone).flatMap(poolRows),
];

const poolRows = ({ name, zone, size, nodes }: PoolStatus): string[][] => [
  [name, 'pool', zone, '', `${nodes.filter((n) => n.node === 'Ready').length}/${size} Ready`],
  ...nodes.map((n) => [n.name, 'node', zone, n.status, n.node]),
];
