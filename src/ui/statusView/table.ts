import type { ClusterPanel, MemberView, StatusModel, ZoneView } from '../views/statusMessages.ts';
import { h, icon, type Wanted } from './patch.ts';

const columns = ['compute', 'kubernetes', 'etcd', 'balancer'] as const;

/** The same content as the zone columns, as a real table: one row per master and pool, and one per empty zone. */
export const zoneTable = (cluster: ClusterPanel, labels: StatusModel['labels']): Wanted => {
  const heads = [labels.zone, labels.name, ...columns.map((x) => labels.truths[x].full), labels.type];
  return h(
    'div',
    { key: 'table', class: 'table', tabindex: '0', role: 'region', 'aria-label': `${cluster.name}: ${labels.zones}` },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((text) => h('th', { scope: 'col' }, text)),
        ),
      ),
      h(
        'tbody',
        {},
        cluster.zones.flatMap((z) => zoneRows(z)),
      ),
    ),
  );
};

const zoneRows = (zone: ZoneView): Wanted[] =>
  zone.members.length === 0
    ? [
        h(
          'tr',
          { key: zone.name },
          h('th', { scope: 'row' }, zone.name),
          h('td', { colspan: String(columns.length + 2), class: 'quiet-text' }, zone.summary),
        ),
      ]
    : zone.members.map((m) => memberRow(zone, m));

const memberRow = (zone: ZoneView, member: MemberView): Wanted =>
  h(
    'tr',
    { key: member.id },
    h('th', { scope: 'row' }, zone.name),
    h(
      'td',
      {},
      h(
        'span',
        { class: 'fact' },
        icon(member.icon),
        h('span', { class: 'heard' }, member.kind),
        h('span', {}, member.name),
      ),
    ),
    columns.map((column) => truthCell(member, column)),
    h('td', {}, member.type),
  );

const truthCell = (member: MemberView, column: (typeof columns)[number]): Wanted => {
  const truth = member.truths.find((x) => x.column === column);
  if (truth === undefined) return h('td', {}, '–');
  const words = h('span', { class: 'fact' }, icon(truth.tone, truth.tone), h('span', {}, truth.value));
  return h('td', truth.stale ? { class: 'stale' } : {}, words);
};
