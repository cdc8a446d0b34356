import type {
  Action,
  ClusterPanel,
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

/** Actions of the view. */
export interface Handlers {
  readonly start: (action: Action) => void;
  readonly toggle: () => void;
}

/** The whole view. `table`: zones as a table instead of columns. */
export const draw = (model: StatusModel, table: boolean, handlers: Handlers): Wanted[] => [
  h('h1', { class: 'heard' }, model.labels.status),
  header(model, table, handlers),
  ...(model.notice === undefined ? [] : [noticeBox(model.notice, handlers)]),
  ...model.runs.map((run) =>
    h('section', { key: run.id, class: 'cluster', 'aria-label': run.title }, runBox(run, handlers, 'h2')),
  ),
  ...model.clusters.map((c) => clusterBox(c, model.labels, table, handlers)),
];

const header = (model: StatusModel, table: boolean, handlers: Handlers): Wanted => {
  const mark =
    model.emulator &&
    h('span', { class: 'mark', title: model.emulator.explanation }, icon('beaker'), model.emulator.mark);
  const words = table ? model.labels.asColumns : model.labels.asTable;
  const toggle = h('button', { key: 'toggle', class: 'link', type: 'button', press: handlers.toggle }, words);
  return h(
    'header',
    {},
    h('p', { class: 'cloud' }, mark, h('span', {}, model.cloud)),
    model.clusters.length > 0 ? toggle : undefined,
    model.age && h('p', { class: 'age' }, ...factWords(model.age)),
  );
};

const factWords = (f: Fact): Wanted[] => [icon(f.tone, f.tone), h('span', {}, f.text)];

const details = (lines: readonly string[]): Wanted[] => lines.map((text) => h('p', { class: 'detail' }, text));

const buttons = (actions: readonly Action[], handlers: Handlers, about?: string): Wanted | undefined =>
  actions.length === 0
    ? undefined
    : h(
        'div',
        { key: 'actions', class: 'actions' },
        actions.map((action) =>
          h(
            'button',
            {
              key: action.command,
              type: 'button',
              class: action.primary ? 'primary' : 'secondary',
              'aria-describedby': about,
              press: () => handlers.start(action),
            },
            action.label,
          ),
        ),
      );

const noticeBox = (notice: NoticeView, handlers: Handlers): Wanted =>
  h(
    'section',
    { key: 'notice', class: `notice edge-${notice.tone}`, 'aria-labelledby': 'notice' },
    h('h2', { id: 'notice', class: 'fact' }, icon(notice.tone, notice.tone), h('span', {}, notice.title)),
    details(notice.details),
    buttons(notice.actions, handlers, 'notice'),
  );

const clusterBox = (
  cluster: ClusterPanel,
  labels: StatusModel['labels'],
  table: boolean,
  handlers: Handlers,
): Wanted => {
  const id = `cluster-${cluster.id}`;
  return h(
    'section',
    { key: id, class: 'cluster', 'aria-labelledby': id },
    h('div', { class: 'title' }, h('h2', { id }, cluster.name), h('span', { class: 'quiet-text' }, cluster.region)),
    verdict(cluster.quorum),
    cluster.run && runBox(cluster.run, handlers, 'h3'),
    h('div', { key: 'lines', class: 'lines' }, cluster.lines.map(lineRow)),
    table ? zoneTable(cluster, labels) : zoneColumns(cluster.zones, labels),
    buttons(cluster.actions, handlers, id),
  );
};

const verdict = (quorum: QuorumView): Wanted =>
  h(
    'div',
    { key: 'verdict', class: `verdict edge-${quorum.tone}` },
    h('p', { class: 'fact headline' }, icon(quorum.tone, quorum.tone), h('span', {}, quorum.headline)),
    details(quorum.details),
    quorum.pips.length === 0
      ? undefined
      : h(
          'div',
          { class: 'pips', 'aria-hidden': 'true' },
          quorum.pips.map((p) => h('span', { class: `pip ${p}` })),
        ),
  );

const runBox = (run: RunView, handlers: Handlers, heading: string): Wanted => {
  const id = `run-${run.id}`;
  const percent = run.total === 0 ? 0 : Math.round((run.done / run.total) * 100);
  return h(
    'div',
    { key: 'run', class: `run edge-${run.state.tone}` },
    h(heading, { id }, run.title),
    h('p', { class: 'fact timed' }, ...factWords(run.state), h('span', { class: 'time' }, run.time)),
    h('progress', { 'aria-labelledby': id, max: '100', value: String(percent) }),
    run.steps.length === 0 ? undefined : h('ul', { class: 'steps' }, run.steps.map(stepRow)),
    buttons(run.actions, handlers, id),
  );
};

const stepRow = (step: RunView['steps'][number]): Wanted =>
  h(
    'li',
    { key: step.id },
    h(
      'p',
      { class: 'fact timed' },
      icon(step.tone, step.tone),
      h('span', {}, step.title),
      h('span', { class: 'time' }, step.time),
    ),
    details(step.details),
  );

const lineRow = (line: LineView): Wanted =>
  h(
    'div',
    { key: line.icon, class: 'line' },
    h('p', { class: 'fact' }, icon(line.icon), h('span', { class: 'label' }, line.label)),
    h('p', { class: 'fact value' }, ...factWords(line.fact)),
    h('div', { class: 'more' }, details(line.details)),
  );

const zoneColumns = (zones: readonly ZoneView[], labels: StatusModel['labels']): Wanted =>
  h(
    'div',
    { key: 'zones', class: 'zones', role: 'list', 'aria-label': labels.zones },
    zones.map((zone) =>
      h(
        'div',
        { key: zone.name, class: zone.members.length === 0 ? 'zone empty' : 'zone', role: 'listitem' },
        h('h3', {}, zone.name),
        h('p', { class: 'quiet-text' }, zone.summary),
        zone.members.map((m) => memberBox(m, labels)),
      ),
    ),
  );

const memberBox = (member: MemberView, labels: StatusModel['labels']): Wanted =>
  h(
    'div',
    { key: member.id, class: 'member' },
    h(
      'p',
      { class: 'fact name' },
      icon(member.icon),
      h('span', { class: 'heard' }, member.kind),
      h('span', { title: member.type }, member.name),
    ),
    h(
      'dl',
      {},
      member.truths.map((item) =>
        h(
          'div',
          { key: item.column, class: item.stale ? 'truth stale' : 'truth' },
          h('dt', { title: labels.truths[item.column].full }, labels.truths[item.column].short),
          h('dd', { class: 'fact' }, icon(item.tone, item.tone), h('span', {}, item.value)),
        ),
      ),
    ),
    details(member.notes),
  );
