import { translated } from '../translate.ts';
import { isRowLive, type RunRow, type StepRow, type StepRowState } from '../runRow.ts';
import type { Problem } from '../snapshot.ts';
import type { Action, Fact, RunView, StatusModel } from './statusMessages.ts';
import { timeWord, runLabel, type Speaker } from '../words.ts';

/** Context for displaying runs. */
export interface RunContext {
  /** The run's time is an emulator's. */
  readonly simulated: boolean;
  /** The workspace is trusted: mutating commands may be offered. */
  readonly trusted: boolean;
}

const isOpen = (r: RunRow): boolean => isRowLive(r) || ['interrupted', 'failed', 'cancelled'].includes(r.state);

/** Each cluster's newest run if it is active or stopped early; successful runs are not shown here. */
export const openRuns = (runs: readonly RunRow[]): RunRow[] => {
  const newest = new Map<string, RunRow>();
  for (const r of runs) if ((newest.get(r.cluster)?.at ?? -Infinity) < r.at) newest.set(r.cluster, r);
  return [...newest.values()].filter(isOpen);
};

/** Whether a run is active: then no other mutating command is offered. */
export const isBusy = (r: RunRow | undefined): boolean => r !== undefined && isRowLive(r);

/** One run with its running steps, or the one that failed. */
export const runView = (speaker: Speaker, run: RunRow, context: RunContext): RunView => ({
  id: run.run,
  title: runLabel(speaker.t, run),
  state: stateFact(speaker, run),
  time: timeWords(speaker, run, context),
  done: run.steps.filter(isEnded).length,
  total: run.steps.length,
  steps: run.steps.filter((x) => isShown(run, x)).map((x) => stepView(speaker, x)),
  actions: runActions(speaker, run, context),
});

const isEnded = (x: StepRow): boolean => x.state === 'done' || x.state === 'same';
const isShown = (r: RunRow, x: StepRow): boolean => x.state === 'failed' || (isRowLive(r) && x.state === 'running');

const stateFact = ({ t }: Speaker, run: RunRow): Fact => {
  const done = run.steps.filter(isEnded).length;
  const total = run.steps.length;
  if (run.state === 'running') return { tone: 'busy', text: t('{0} of {1} steps done', done, total) };
  if (run.state === 'elsewhere') {
    const text = t('{0} of {1} steps done, by process {2}', done, total, run.pid ?? '?');
    return { tone: 'busy', text };
  }
  if (run.state === 'failed') return { tone: 'bad', text: t('Failed after {0} of {1} steps', done, total) };
  if (run.state === 'cancelled') return { tone: 'warn', text: t('Cancelled after {0} of {1} steps', done, total) };
  return { tone: 'warn', text: t('Interrupted after {0} of {1} steps', done, total) };
};

const timeWords = (speaker: Speaker, run: RunRow, { simulated }: RunContext): string => {
  const { t } = speaker;
  const ms = timeWord(speaker.t, run.ms);
  if (!isRowLive(run)) return simulated ? t('{0} (simulated time)', ms) : ms;
  const expected = timeWord(speaker.t, run.expectedMs);
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

const problemLines = (problem: Problem | undefined): string[] =>
  problem === undefined
    ? []
    : [problem.message, ...(problem.remedy === undefined || problem.remedy === '' ? [] : [problem.remedy])];

const stepView = (speaker: Speaker, step: StepRow): RunView['steps'][number] => ({
  id: step.id,
  title: translated(speaker.t, step.title),
  tone: tones[step.state],
  time:
    step.state === 'running'
      ? speaker.t('{0} of about {1}', timeWord(speaker.t, step.ms ?? 0), timeWord(speaker.t, step.expectedMs))
      : timeWord(speaker.t, step.ms ?? 0),
  details: step.state === 'failed' ? problemLines(step.problem) : step.text === '' ? [] : [step.text],
});

const runActions = ({ t }: Speaker, run: RunRow, { trusted }: RunContext): Action[] => {
  const target = { run: run.run };
  const log: Action = { label: t('Show Log'), command: 'trizone.run.showLog', target, primary: false };
  if (run.state === 'running') {
    return [{ label: t('Cancel'), command: 'trizone.run.cancel', target, primary: false }, log];
  }
  if (run.state === 'elsewhere' || !trusted) return [log];
  const resume: Action = { label: t('Resume'), command: 'trizone.run.resume', target, primary: true };
  const undo: Action = { label: t('Undo…'), command: 'trizone.run.undo', target, primary: false };
  return [resume, ...(run.adds ? [undo] : []), log];
};

/** Screen reader announcement about the newest run. */
export const announcement = (speaker: Speaker, runs: readonly RunRow[]): StatusModel['announcement'] => {
  const newest = runs.toSorted((a, b) => b.at - a.at)[0];
  if (newest === undefined) return { key: '', text: '' };
  const key = `${newest.run}/${newest.state}`;
  const title = runLabel(speaker.t, newest);
  if (newest.state === 'done') return { key, text: speaker.t('Done: {0}', title) };
  // Many steps run at once; the longest one determines the wait.
  const step = newest.steps.filter((x) => x.state === 'running').toSorted((a, b) => b.expectedMs - a.expectedMs)[0];
  const state = stateFact(speaker, newest).text;
  if (!isRowLive(newest) || step === undefined) return { key, text: `${title}. ${state}` };
  return { key, text: `${title}. ${state}. ${translated(speaker.t, step.title)}` };
};
