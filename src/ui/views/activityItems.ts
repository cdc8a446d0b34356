import { told } from '../translate.ts';
import { remediesOf, remedyLine, remedyText } from '../../lib/remedy.ts';
import { isLiving, isResumable, isUndoable, type RunRow, type StepRow } from '../runRow.ts';
import { clockTime, runStateWord, timeWord, runLabel, type Speaker } from '../words.ts';
import { item, type Item } from './item.ts';

const good = 'testing.iconPassed';
const bad = 'testing.iconFailed';

/** The Activity tree: runs, newest first → their steps with state, elapsed and expected time → error and remedy. */
export const activityItems = (rows: readonly RunRow[], speaker: Speaker): Item[] =>
  rows.map((r) => runItem(r, speaker));

const runItem = (r: RunRow, speaker: Speaker): Item => {
  const { t } = speaker;
  const done = r.steps.filter((s) => s.state === 'done' || s.state === 'same').length;
  const words = [
    runStateWord(t, r.state),
    ...(r.state === 'planned' ? [] : [t('{0}/{1} steps', done, r.steps.length)]),
    isLiving(r) || r.state === 'planned'
      ? r.state === 'planned'
        ? t('about {0}', timeWord(t, r.expectedMs))
        : t('{0} of about {1}', timeWord(t, r.ms), timeWord(t, r.expectedMs))
      : timeWord(t, r.ms),
    ...(r.state === 'planned' ? [] : [clockTime(speaker, r.at)]),
  ];
  return item({
    id: `run/${r.run}`,
    label: runLabel(t, r),
    description: words.join(' · '),
    tooltip: [`${r.run}: ${words.join(', ')}`, ...(r.pid === undefined ? [] : [t('Process {0}', r.pid)])].join('\n'),
    ...runIcon(r),
    context: contextOf(r),
    open: isLiving(r) || r.state === 'planned',
    target: { run: r.run, cluster: r.cluster },
    children: inSight(r).map((s) => stepItem(r, s, t)),
  });
};

// What goes on now first, then what comes, then what is done; a run that stopped begins with where it did.
const inSight = (r: RunRow): StepRow[] => {
  const order: readonly StepRow['state'][] = isLiving(r)
    ? ['failed', 'running', 'pending', 'stopped', 'same', 'done']
    : ['failed', 'stopped', 'running'];
  const place = (s: StepRow): number => (order.includes(s.state) ? order.indexOf(s.state) : order.length);
  return r.steps.toSorted((a, b) => place(a) - place(b));
};

const contextOf = (r: RunRow): string => {
  if (r.state === 'planned') return 'plan';
  return [
    'run',
    ...(r.state === 'running' ? ['cancellable'] : []),
    ...(isResumable(r) ? ['resumable'] : []),
    ...(isUndoable(r) ? ['undoable'] : []),
  ].join(' ');
};

const runIcon = (r: RunRow): Pick<Item, 'icon' | 'color'> => {
  switch (r.state) {
    case 'planned':
      return { icon: 'list-tree' };
    case 'running':
    case 'elsewhere':
      return { icon: 'loading~spin' };
    case 'done':
      return { icon: 'pass', color: good };
    case 'failed':
      return { icon: 'error', color: bad };
    case 'interrupted':
      return { icon: 'debug-disconnect', color: 'list.warningForeground' };
    case 'cancelled':
      return { icon: 'stop-circle' };
    case 'undone':
    case 'closed':
      return { icon: 'discard' };
  }
};

const stepItem = (r: RunRow, s: StepRow, t: Speaker['t']): Item => {
  const title = told(t, s.title);
  const said = s.state === 'running' && s.text !== '' ? [s.text] : [];
  return item({
    id: `step/${r.run}/${s.id}`,
    label: title,
    description: [...stepWords(r, s, t), ...said].join(' · '),
    tooltip: [title, s.id, ...said].join('\n'),
    ...stepIcon(s),
    context: 'step',
    open: s.state === 'failed',
    target: { run: r.run, cluster: r.cluster },
    children: s.problem === undefined || s.state !== 'failed' ? [] : problemItems(r, s),
  });
};

const stepWords = (r: RunRow, s: StepRow, t: Speaker['t']): string[] => {
  const expected = s.expectedMs > 0 ? timeWord(t, s.expectedMs) : undefined;
  switch (s.state) {
    case 'pending':
      return r.state === 'planned' || isLiving(r) ? (expected === undefined ? [] : [t('about {0}', expected)]) : [];
    case 'running': {
      const elapsed = timeWord(t, s.ms ?? 0);
      return [expected === undefined ? elapsed : t('{0} of about {1}', elapsed, expected)];
    }
    case 'done':
      return [timeWord(t, s.ms ?? 0)];
    case 'same':
      return [t('already done')];
    case 'failed':
      return [t('failed')];
    case 'stopped':
      return [t('stopped midway')];
  }
};

const stepIcon = (s: StepRow): Pick<Item, 'icon' | 'color'> => {
  switch (s.state) {
    case 'pending':
      return { icon: 'circle-outline' };
    case 'running':
      return { icon: 'loading~spin' };
    case 'done':
      return { icon: 'pass', color: good };
    case 'same':
      return { icon: 'check' };
    case 'failed':
      return { icon: 'error', color: bad };
    case 'stopped':
      return { icon: 'circle-slash' };
  }
};

const problemItems = (r: RunRow, s: StepRow): Item[] => {
  const { message = '', remedy = '', remedies = remediesOf(remedy) } = s.problem ?? {};
  const row = (id: string, label: string, icon: string, copied = label): Item =>
    item({
      id: `${id}/${r.run}/${s.id}`,
      label,
      tooltip: label,
      icon,
      context: 'text',
      target: { run: r.run, name: copied },
    });
  // A row each, and what is copied of it is the line to paste.
  const rows = remedies.map((x, i) =>
    row(i === 0 ? 'remedy' : `remedy${i}`, remedyText([x]) ?? '', 'lightbulb', remedyLine(x)),
  );
  return [row('error', message, 'warning'), ...rows];
};
