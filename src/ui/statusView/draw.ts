import type {
  Action,
  ClusterView,
  Fact,
  LineView,
  MemberView,
  NoticeView,
  QuorumView,
  RunView,
  StatusModel,
  ZoneView,
} from '../views/statusMessages.ts';
import { h, icon, type Wanted } from './patch.ts';
import { zoneTable } from './table.ts';

/** What the person can do in the view. */
export interface Hands {
  readonly start: (action: Action) => void;
  readonly toggle: () => void;
}

/** The whole view. `table`: zones as a table instead of columns. */
export const draw = (m: StatusModel, table: boolean, hands: Hands): Wanted[] => [
  h('h1', { class: 'heard' }, m.labels.status),
  header(m, table, hands),
  ...(m.notice === undefined ? [] : [noticeBox(m.notice, hands)]),
  ...m.runs.map((r) => h('section', { key: r.id, class: 'cluster', 'aria-label': r.title }, runBox(r, hands, 'h2'))),
  ...m.clusters.map((c) => clusterBox(c, m.labels, table, hands)),
];

const header = (m: StatusModel, table: boolean, hands: Hands): Wanted => {
  const mark =
    m.emulator && h('span', { class: 'mark', title: m.emulator.explanation }, icon('beaker'), m.emulator.mark);
  const words = table ? m.labels.asColumns : m.labels.asTable;
  const toggle = h('button', { key: 'toggle', class: 'link', type: 'button', press: hands.toggle }, words);
  return h(
    'header',
    {},
    h('p', { class: 'cloud' }, mark, h('span', {}, m.cloud)),
    m.clusters.length > 0 ? toggle : undefined,
    m.age && h('p', { class: 'age' }, ...factWords(m.age)),
  );
};

const factWords = (f: Fact): Wanted[] => [icon(f.tone, f.tone), h('span', {}, f.text)];

const details = (lines: readonly string[]): Wanted[] => lines.map((text) => h('p', { class: 'detail' }, text));

const buttons = (actions: readonly Action[], hands: Hands, about?: string): Wanted | undefined =>
  actions.length === 0
    ? undefined
    : h(
        'div',
        { key: 'actions', class: 'actions' },
        actions.map((a) =>
          h(
            'button',
            {
              key: a.command,
              type: 'button',
              class: a.primary ? 'primary' : 'secondary',
              'aria-describedby': about,
              press: () => hands.start(a),
            },
            a.label,
          ),
        ),
      );

const noticeBox = (n: NoticeView, hands: Hands): Wanted =>
  h(
    'section',
    { key: 'notice', class: `notice edge-${n.tone}`, 'aria-labelledby': 'notice' },
    h('h2', { id: 'notice', class: 'fact' }, icon(n.tone, n.tone), h('span', {}, n.title)),
    details(n.details),
    buttons(n.actions, hands, 'notice'),
  );

const clusterBox = (c: ClusterView, labels: StatusModel['labels'], table: boolean, hands: Hands): Wanted => {
  const id = `cluster-${c.id}`;
  return h(
    'section',
    { key: id, class: 'cluster', 'aria-labelledby': id },
    h('div', { class: 'title' }, h('h2', { id }, c.name), h('span', { class: 'quiet-text' }, c.region)),
    verdict(c.quorum),
    c.run && runBox(c.run, hands, 'h3'),
    h('div', { key: 'lines', class: 'lines' }, c.lines.map(lineRow)),
    table ? zoneTable(c, labels) : zoneColumns(c.zones, labels),
    buttons(c.actions, hands, id),
  );
};

const verdict = (q: QuorumView): Wanted =>
  h(
    'div',
    { key: 'verdict', class: `verdict edge-${q.tone}` },
    h('p', { class: 'fact headline' }, icon(q.tone, q.tone), h('span', {}, q.headline)),
    details(q.details),
    q.pips.length === 0
      ? undefined
      : h(
          'div',
          { class: 'pips', 'aria-hidden': 'true' },
          q.pips.map((p) => h('span', { class: `pip ${p}` })),
        ),
  );

const runBox = (r: RunView, hands: Hands, heading: string): Wanted => {
  const id = `run-${r.id}`;
  const percent = r.total === 0 ? 0 : Math.round((r.done / r.total) * 100);
  return h(
    'div',
    { key: 'run', class: `run edge-${r.state.tone}` },
    h(heading, { id }, r.title),
    h('p', { class: 'fact timed' }, ...factWords(r.state), h('span', { class: 'time' }, r.time)),
    h('progress', { 'aria-labelledby': id, max: '100', value: String(percent) }),
    r.steps.length === 0 ? undefined : h('ul', { class: 'steps' }, r.steps.map(stepRow)),
    buttons(r.actions, hands, id),
  );
};

const stepRow = (x: RunView['steps'][number]): Wanted =>
  h(
    'li',
    { key: x.id },
    h('p', { class: 'fact timed' }, icon(x.tone, x.tone), h('span', {}, x.title), h('span', { class: 'time' }, x.time)),
    details(x.details),
  );

const lineRow = (l: LineView): Wanted =>
  h(
    'div',
    { key: l.icon, class: 'line' },
    h('p', { class: 'fact' }, icon(l.icon), h('span', { class: 'label' }, l.label)),
    h('p', { class: 'fact value' }, ...factWords(l.fact)),
    h('div', { class: 'more' }, details(l.details)),
  );

const zoneColumns = (zones: readonly ZoneView[], labels: StatusModel['labels']): Wanted =>
  h(
    'div',
    { key: 'zones', class: 'zones', role: 'list', 'aria-label': labels.zones },
    zones.map((z) =>
      h(
        'div',
        { key: z.name, class: z.members.length === 0 ? 'zone empty' : 'zone', role: 'listitem' },
        h('h3', {}, z.name),
        h('p', { class: 'quiet-text' }, z.summary),
        z.members.map((m) => memberBox(m, labels)),
      ),
    ),
  );

const memberBox = (m: MemberView, labels: StatusModel['labels']): Wanted =>
  h(
    'div',
    { key: m.id, class: 'member' },
    h(
      'p',
      { class: 'fact name' },
      icon(m.icon),
      h('span', { class: 'heard' }, m.kind),
      h('span', { title: m.type }, m.name),
    ),
    h(
      'dl',
      {},
      m.truths.map((x) =>
        h(
          'div',
          { key: x.column, class: x.stale ? 'truth stale' : 'truth' },
          h('dt', { title: labels.truths[x.column].full }, labels.truths[x.column].short),
          h('dd', { class: 'fact' }, icon(x.tone, x.tone), h('span', {}, x.value)),
        ),
      ),
    ),
    details(m.notes),
  );
