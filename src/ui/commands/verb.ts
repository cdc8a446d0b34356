import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import type { Asking } from '../asking.ts';
import type { Applied, Planned } from '../desk.ts';
import { t } from '../localised.ts';
import { planDocument, planSummary } from '../planDocument.ts';
import type { RunRow } from '../runRow.ts';
import { settings } from '../settings.ts';
import { showError, withProgress } from './guard.ts';
import { runEnded } from './runEnded.ts';

/** How a verb is confirmed. */
export interface Manner {
  /** "Create cluster kubernetes in europe-west1-b". */
  readonly title: string;
  /** The button that says yes, or the name that has to be typed. */
  readonly yes: { readonly button: string } | { readonly typed: string };
  /** What a person should know beside the plan. */
  readonly notes?: readonly string[];
}

const isSimulated = (): boolean => settings().cloud === 'emulator';

interface Waiting {
  readonly planned: Planned;
  readonly manner: Manner;
  /** The same anew, in place of a run that is gone. */
  readonly over: () => Promise<void>;
}

/** Plans that wait for their confirmation, by the name of their row in the Activity view. */
const waiting = new Map<string, Waiting>();
let plans = 0;

/** Plan → shown as a tree and as a document → confirmed → run → report: the same for every verb that changes something. */
export const carryOut = async (app: App, asking: Asking, manner: Manner, takeOver = false): Promise<void> => {
  const desk = await app.desk();
  const session = await app.connect();
  const planned = await withProgress(t('Planning: {0}', manner.title), (cancel) =>
    desk.plan(session, asking, takeOver, cancel),
  );
  const [refusal] = planned?.plan.refusals ?? [];
  const over = (): Promise<void> => carryOut(app, asking, manner, true);
  if (refusal?.code === 'leased' && !takeOver) return offerTakeOver(app, refusal, over);
  if (refusal !== undefined) throw refusal;
  if (planned === undefined || (planned.plan.changes.length === 0 && planned.resume === undefined)) {
    if ('resume' in asking) desk.forget(settings().folder, asking.resume);
    void vscode.window.showInformationMessage(t('{0}: nothing to do, everything is as asked.', manner.title));
    return;
  }
  if (planned.plan.changes.length === 0) return applyPlanned(app, { planned, manner, over });
  const id = `plan-${++plans}`;
  keep(app, id, { planned, manner, over });
  await askAndApply(app, id);
};

// What was planned on one cloud is never applied on another: its plans go with the connection.
const keep = (app: App, id: string, plan: Waiting): void => {
  waiting.set(id, plan);
  app.runs.addPlan(planRow(app, id, plan.planned));
  const watch = app.onDidReconnect(() => {
    watch.dispose();
    if (!waiting.has(id)) return;
    discardPlan(app, id);
    const text = t('{0}: the plan was dropped, because the connection has changed.', plan.manner.title);
    void vscode.window.showWarningMessage(text);
  });
};

// Who holds the cluster may be gone: whoever takes its place waits until it has been silent for long enough.
const offerTakeOver = async (app: App, error: OperatorError, over: () => Promise<void>): Promise<void> => {
  const button = t('Take Over…');
  if ((await showError(app, error, button)) !== button) return;
  const yes = t('Take Over');
  const detail = t(
    'Only where the other run is gone: it goes on only once that run has been silent for five minutes, and not if it is heard of meanwhile.',
  );
  const title = t('Take the cluster over?');
  const answer = await vscode.window.showWarningMessage(title, { modal: true, detail }, yes);
  if (answer === yes) await over();
};

const planRow = (app: App, id: string, { prepared, plan }: Planned): RunRow => ({
  run: id,
  verb: prepared.verb,
  label: prepared.label,
  adds: prepared.adds,
  cluster: prepared.cluster,
  project: app.snapshot?.project ?? '',
  at: 0,
  state: 'planned',
  pid: undefined,
  steps: plan.changes.map(({ step }) => ({
    id: step.id,
    title: step.title,
    state: 'pending',
    expectedMs: step.expectedMs,
    ms: undefined,
    text: '',
    problem: undefined,
  })),
  ms: 0,
  expectedMs: plan.expectedMs,
  problem: undefined,
  readOnly: false,
});

/** Asks for the confirmation of a plan, and applies it on a yes. Reading the plan first leaves it waiting in the Activity view. */
export const askAndApply = async (app: App, id: string): Promise<void> => {
  const plan = waiting.get(id);
  if (plan === undefined) return;
  const answer = await ask(detailOf(plan.planned, plan.manner), plan.manner, true);
  if (!waiting.has(id)) return; // dropped meanwhile, which has been said
  if (answer === 'read') await showPlan(app, id);
  if (answer === 'read') return;
  discardPlan(app, id);
  if (answer === 'yes') await applyPlanned(app, plan);
};

/** The plan as a read-only document. */
export const showPlan = async (app: App, id: string): Promise<void> => {
  const plan = waiting.get(id);
  if (plan === undefined) return;
  const { planned, manner } = plan;
  const steps = new Map(planned.plan.steps.map(({ step }) => [step.id, step.title]));
  const text = planDocument(planned.json, { title: manner.title, simulated: isSimulated(), steps }, t);
  await app.documents.show(t('Plan: {0}', manner.title), text);
};

/** Forgets a plan that is not to be applied. */
export const discardPlan = (app: App, id: string): void => {
  waiting.delete(id);
  app.runs.removePlan(id);
};

/** Plans that wait, for the palette. */
export const waitingPlans = (): { id: string; title: string }[] =>
  [...waiting].map(([id, { manner }]) => ({ id, title: manner.title }));

type Answer = 'yes' | 'read' | 'no';

// `readable`: whether the plan can be read first.
const ask = (detail: string, manner: Manner, readable: boolean): Promise<Answer> =>
  'typed' in manner.yes
    ? askTyped(detail, manner, manner.yes.typed, readable)
    : askButton(detail, manner, manner.yes.button, readable);

const detailOf = (planned: Planned, manner: Manner): string =>
  [
    t('On {0}.', planned.json.cloud),
    planSummary(planned.json, isSimulated(), t),
    ...(planned.json.warnings ?? []).map((w) => `⚠ ${w}`),
    ...(manner.notes ?? []),
  ].join('\n');

const askButton = async (detail: string, manner: Manner, button: string, readable: boolean): Promise<Answer> => {
  const read = t('Read the Plan First');
  const buttons = readable ? [button, read] : [button];
  const answer = await vscode.window.showInformationMessage(`${manner.title}?`, { modal: true, detail }, ...buttons);
  return answer === button ? 'yes' : answer === read ? 'read' : 'no';
};

const askTyped = (detail: string, manner: Manner, name: string, readable: boolean): Promise<Answer> =>
  new Promise((resolve) => {
    const input = vscode.window.createInputBox();
    const read: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('list-tree'),
      tooltip: t('Read the Plan First'),
    };
    input.title = manner.title;
    input.prompt = `${detail} ${t('Type {0} to confirm.', name)}`;
    input.placeholder = name;
    input.ignoreFocusOut = true;
    input.buttons = readable ? [read] : [];
    input.onDidChangeValue(() => (input.validationMessage = undefined));
    const end = (answer: Answer): void => {
      resolve(answer);
      input.dispose();
    };
    input.onDidTriggerButton(() => end('read'));
    input.onDidHide(() => end('no'));
    input.onDidAccept(() => {
      if (input.value.trim() === name) end('yes');
      else input.validationMessage = t('Type the name of the cluster: {0}', name);
    });
    input.show();
  });

const applyPlanned = async (app: App, { planned, manner, over }: Waiting): Promise<void> => {
  const desk = await app.desk();
  const { clock } = planned.session;
  const live = app.runs.begin(() => clock.monotonic());
  const differs = (difference: string): Promise<boolean> => askAgain(planned, manner, difference);
  let result: Applied;
  try {
    result = await desk.apply(planned, live.listen, live.cancel.signal, differs);
  } catch (error) {
    if (OperatorError.is(error, 'leased') && !planned.takeOver) await offerTakeOver(app, error, over);
    else await showError(app, error);
    return;
  } finally {
    app.runs.end(live);
    void app.observation.refresh();
  }
  await runEnded(app, planned, manner.title, result);
};

// Somebody worked on the cluster between the plan and the yes: the same question once more, with what is different.
const askAgain = async (planned: Planned, manner: Manner, difference: string): Promise<boolean> => {
  const said = t('Somebody has worked on the cluster since this was planned. What is different now:');
  const answer = await ask(`${t('On {0}.', planned.json.cloud)}\n${said}\n${difference}`, manner, false);
  return answer === 'yes';
};
