import { told } from '../translate.ts';
import { isLiving, type RunRow, type StepRow, type StepRowState } from '../runRow.ts';
import type { Problem } from '../snapshot.ts';
import type { Action, Fact, RunView, StatusModel } from './statusMessages.ts';
import { timeWord, runLabel, type Speaker } from '../words.ts';

/** How runs are shown beside their words. */
export interface RunManner {
  /** The run's time is that of an emulator. */
  readonly simulated: boolean;
  /** The workspace is trusted: what changes the world may be offered. */
  readonly trusted: boolean;
}

const isOpen = (r: RunRow): boolean => isLiving(r) || ['interrupted', 'failed', 'cancelled'].includes(r.state);

/** Each cluster's newest run where it goes on, or stopped before its end; what ended well is not shown here. */
export const openRuns = (runs: readonly RunRow[]): RunRow[] => {
  const newest = new Map<string, RunRow>();
  for (const r of runs) if ((newest.get(r.cluster)?.at ?? -Infinity) < r.at) newest.set(r.cluster, r);
  return [...newest.values()].filter(isOpen);
};

/** Whether somebody is at work: then nothing else that changes the cluster is offered. */
export const isBusy = (r: RunRow | undefined): boolean => r !== undefined && isLiving(r);

/** One run with the steps that are being done, or the one that failed. */
export const runView = (s: Speaker, r: RunRow, manner: RunManner): RunView => ({
  id: r.run,
  title: runLabel(s.t, r),
  state: stateFact(s, r),
  time: timeWords(s, r, manner),
  done: r.steps.filter(isEnded).length,
  total: r.steps.length,
  steps: r.steps.filter((x) => isShown(r, x)).map((x) => stepView(s, x)),
  actions: runActions(s, r, manner),
});

const isEnded = (x: StepRow): boolean => x.state === 'done' || x.state === 'same';
const isShown = (r: RunRow, x: StepRow): boolean => x.state === 'failed' || (isLiving(r) && x.state === 'running');

const stateFact = ({ t }: Speaker, r: RunRow): Fact => {
  const done = r.steps.filter(isEnded).length;
  const total = r.steps.length;
  if (r.state === 'running') return { tone: 'busy', text: t('{0} of {1} steps done', done, total) };
  if (r.state === 'elsewhere') {
    const text = t('{0} of {1} steps done, by process {2}', done, total, r.pid ?? '?');
    return { tone: 'busy', text };
  }
  if (r.state === 'failed') return { tone: 'bad', text: t('Failed after {0} of {1} steps', done, total) };
  if (r.state === 'cancelled') return { tone: 'warn', text: t('Cancelled after {0} of {1} steps', done, total) };
  return { tone: 'warn', text: t('Interrupted after {0} of {1} steps', done, total) };
};

const timeWords = (s: Speaker, r: RunRow, { simulated }: RunManner): string => {
  const { t } = s;
  const ms = timeWord(s.t, r.ms);
  if (!isLiving(r)) return simulated ? t('{0} (simulated time)', ms) : ms;
  const expected = timeWord(s.t, r.expectedMs);
  return simulated ? t('{0} of about {1} (simulated time)', ms, expected) : t('{0} of about {1}', ms, expected);
};

const tones: Readonly<Record<StepRowState, Fact['tone']>> = {
  pending: 'quiet',
  running: 'busy',
  done: 'good',
  same: 'good',
  failed: 'bad',
  stopped: 'warn',
};

const problemLines = (p: Problem | undefined): string[] =>
  p === undefined ? [] : [p.message, ...(p.remedy === undefined || p.remedy === '' ? [] : [p.remedy])];

const stepView = (s: Speaker, x: StepRow): RunView['steps'][number] => ({
  id: x.id,
  title: told(s.t, x.title),
  tone: tones[x.state],
  time:
    x.state === 'running'
      ? s.t('{0} of about {1}', timeWord(s.t, x.ms ?? 0), timeWord(s.t, x.expectedMs))
      : timeWord(s.t, x.ms ?? 0),
  details: x.state === 'failed' ? problemLines(x.problem) : x.text === '' ? [] : [x.text],
});

const runActions = ({ t }: Speaker, r: RunRow, { trusted }: RunManner): Action[] => {
  const target = { run: r.run };
  const log: Action = { label: t('Show Log'), command: 'trizone.run.showLog', target, primary: false };
  if (r.state === 'running') {
    return [{ label: t('Cancel'), command: 'trizone.run.cancel', target, primary: false }, log];
  }
  if (r.state === 'elsewhere' || !trusted) return [log];
  const resume: Action = { label: t('Resume'), command: 'trizone.run.resume', target, primary: true };
  const undo: Action = { label: t('Undo…'), command: 'trizone.run.undo', target, primary: false };
  return [resume, ...(r.adds ? [undo] : []), log];
};

/** What a person who hears the view is told about the newest run. */
export const announcement = (s: Speaker, runs: readonly RunRow[]): StatusModel['announcement'] => {
  const newest = runs.toSorted((a, b) => b.at - a.at)[0];
  if (newest === undefined) return { key: '', text: '' };
  const key = `${newest.run}/${newest.state}`;
  const title = runLabel(s.t, newest);
  if (newest.state === 'done') return { key, text: s.t('Done: {0}', title) };
  // Many steps run at once; the one that takes longest is what is being waited for.
  const step = newest.steps.filter((x) => x.state === 'running').toSorted((a, b) => b.expectedMs - a.expectedMs)[0];
  const state = stateFact(s, newest).text;
  if (!isLiving(newest) || step === undefined) return { key, text: `${title}. ${state}` };
  return { key, text: `${title}. ${state}. ${told(s.t, step.title)}` };
};
