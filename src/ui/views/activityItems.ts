import { translated, type Translate } from '../translate.ts';
import { remediesOf, remedyLine, remedyText } from '../../lib/remedy.ts';
import { isRowLive, isRowResumable, isRowUndoable, type RunRow, type StepRow } from '../runRow.ts';
import { clockTime, runStateWord, timeWord, runLabel, type Speaker } from '../words.ts';
import { item, type Item } from './item.ts';

const good = 'testing.iconPassed';
const bad = 'testing.iconFailed';

/** The Activity tree: runs, newest first → their steps with state, elapsed and expected time → error and remedy. */
export const activityItems = (rows: readonly RunRow[], speaker: Speaker): Item[] =>
  rows.map((r) => runItem(r, speaker));

const runItem = (run: RunRow, speaker: Speaker): Item => {
  const { t } = speaker;
  const done = run.steps.filter((s) => s.state === 'done' || s.state === 'same').length;
  const words = [
    runStateWord(t, run.state),
    ...(run.state === 'planned' ? [] : [t('{0}/{1} steps', done, run.steps.length)]),
    isRowLive(run) || run.state === 'planned'
      ? run.state === 'planned'
        ? t('about {0}', timeWord(t, run.expectedMs))
        : t('{0} of about {1}', timeWord(t, run.ms), timeWord(t, run.expectedMs))
      : timeWord(t, run.ms),
    ...(run.state === 'planned' ? [] : [clockTime(speaker, run.at)]),
  ];
  return item({
    id: `run/${run.run}`,
    label: runLabel(t, run),
    description: words.join(' · '),
    tooltip: [`${run.run}: ${words.join(', ')}`, ...(run.pid === undefined ? [] : [t('Process {0}', run.pid)])].join(
      '\n',
    ),
    ...runIcon(run),
    context: contextOf(run),
    open: isRowLive(run) || run.state === 'planned',
    target: { run: run.run, cluster: run.cluster },
    children: inSight(run).map((s) => stepItem(run, s, t)),
  });
};

// Running steps first, then pending, then done; a run that stopped starts with the step where it did.
const inSight = (run: RunRow): StepRow[] => {
  const order: readonly StepRow['state'][] = isRowLive(run)
    ? ['failed', 'running', 'pending', 'stopped', 'same', 'done']
    : ['failed', 'stopped', 'running'];
  const place = (s: StepRow): number => (order.includes(s.state) ? order.indexOf(s.state) : order.length);
  return run.steps.toSorted((a, b) => place(a) - place(b));
};

const contextOf = (run: RunRow): string => {
  if (run.state === 'planned') return 'plan';
  return [
    'run',
    ...(run.state === 'running' ? ['cancellable'] : []),
    ...(isRowResumable(run) ? ['resumable'] : []),
    ...(isRowUndoable(run) ? ['undoable'] : []),
  ].join(' ');
};

const runIcon = (run: RunRow): Pick<Item, 'icon' | 'color'> => {
  switch (run.state) {
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

const stepItem = (run: RunRow, step: StepRow, t: Translate): Item => {
  const title = translated(t, step.title);
  const lastWord = step.state === 'running' && step.text !== '' ? [step.text] : [];
  return item({
    id: `step/${run.run}/${step.id}`,
    label: title,
    description: [...stepWords(run, step, t), ...lastWord].join(' · '),
    tooltip: [title, step.id, ...lastWord].join('\n'),
    ...stepIcon(step),
    context: 'step',
    open: step.state === 'failed',
    target: { run: run.run, cluster: run.cluster },
    children: step.problem === undefined || step.state !== 'failed' ? [] : problemItems(run, step),
  });
};

const stepWords = (run: RunRow, step: StepRow, t: Translate): string[] => {
  const expected = step.expectedMs > 0 ? timeWord(t, step.expectedMs) : undefined;
  switch (step.state) {
    case 'pending':
      return run.state === 'planned' || isRowLive(run)
        ? expected === undefined
          ? []
          : [t('about {0}', expected)]
        : [];
    case 'running': {
      const elapsed = timeWord(t, step.ms ?? 0);
      return [expected === undefined ? elapsed : t('{0} of about {1}', elapsed, expected)];
    }
    case 'done':
      return [timeWord(t, step.ms ?? 0)];
    case 'same':
      return [t('already done')];
    case 'failed':
      return [t('failed')];
    case 'stopped':
      return [t('stopped midway')];
  }
};

const stepIcon = (step: StepRow): Pick<Item, 'icon' | 'color'> => {
  switch (step.state) {
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

const problemItems = (run: RunRow, step: StepRow): Item[] => {
  const { message = '', remedy = '', remedies = remediesOf(remedy) } = step.problem ?? {};
  const row = (id: string, label: string, icon: string, copied = label): Item =>
    item({
      id: `${id}/${run.run}/${step.id}`,
      label,
      tooltip: label,
      icon,
      context: 'text',
      target: { run: run.run, name: copied },
    });
  // One row per remedy; copying it copies the command line.
  const rows = remedies.map((remedy, index) =>
    row(index === 0 ? 'remedy' : `remedy${index}`, remedyText([remedy]) ?? '', 'lightbulb', remedyLine(remedy)),
  );
  return [row('error', message, 'warning'), ...rows];
};
