import type { ClusterView, MemberView, StatusModel, ZoneView } from '../views/statusMessages.ts';
import { h, icon, type Wanted } from './patch.ts';

const columns = ['compute', 'kubernetes', 'etcd', 'balancer'] as const;

/** The same as the columns of zones, as a real table: one row for each master and pool, and one for an empty zone. */
export const zoneTable = (c: ClusterView, labels: StatusModel['labels']): Wanted => {
  const heads = [labels.zone, labels.name, ...columns.map((x) => labels.truths[x].full), labels.type];
  return h(
    'div',
    { key: 'table', class: 'table', tabindex: '0', role: 'region', 'aria-label': `${c.name}: ${labels.zones}` },
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
        c.zones.flatMap((z) => zoneRows(z)),
      ),
    ),
  );
};

const zoneRows = (z: ZoneView): Wanted[] =>
  z.members.length === 0
    ? [
        h(
          'tr',
          { key: z.name },
          h('th', { scope: 'row' }, z.name),
          h('td', { colspan: String(columns.length + 2), class: 'quiet-text' }, z.summary),
        ),
      ]
    : z.members.map((m) => memberRow(z, m));

const memberRow = (z: ZoneView, m: MemberView): Wanted =>
  h(
    'tr',
    { key: m.id },
    h('th', { scope: 'row' }, z.name),
    h(
      'td',
      {},
      h('span', { class: 'fact' }, icon(m.icon), h('span', { class: 'heard' }, m.kind), h('span', {}, m.name)),
    ),
    columns.map((column) => truthCell(m, column)),
    h('td', {}, m.type),
  );

const truthCell = (m: MemberView, column: (typeof columns)[number]): Wanted => {
  const truth = m.truths.find((x) => x.column === column);
  if (truth === undefined) return h('td', {}, '–');
  const words = h('span', { class: 'fact' }, icon(truth.tone, truth.tone), h('span', {}, truth.value));
  return h('td', truth.stale ? { class: 'stale' } : {}, words);
};
