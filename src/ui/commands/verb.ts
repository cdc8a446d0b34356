import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { Applied, Planned, Verb } from '../desk.ts';
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

/** Plans that wait for their confirmation, by the name of their row in the Activity view. */
const waiting = new Map<string, { readonly planned: Planned; readonly manner: Manner }>();
let plans = 0;

/** Plan → shown as a tree and as a document → confirmed → run → report: the same for every verb that changes something. */
export const carryOut = async (app: App, verb: Verb, manner: Manner): Promise<void> => {
  const desk = await app.desk();
  const session = await app.connect();
  const planned = await withProgress(t('Planning: {0}', manner.title), (cancel) =>
    desk.plan(session, verb, false, cancel),
  );
  const [refusal] = planned?.plan.refusals ?? [];
  if (refusal !== undefined) throw refusal;
  if (planned === undefined || planned.plan.changes.length === 0) {
    void vscode.window.showInformationMessage(t('{0}: nothing to do, everything is as asked.', manner.title));
    return;
  }
  const id = `plan-${++plans}`;
  waiting.set(id, { planned, manner });
  app.runs.addPlan(planRow(app, id, planned));
  await askAndApply(app, id);
};

const planRow = (app: App, id: string, { prepared, plan }: Planned): RunRow => ({
  run: id,
  verb: prepared.verb,
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
  const answer = await ask(plan.planned, plan.manner);
  if (answer === 'read') await showPlan(app, id);
  if (answer === 'read') return;
  discardPlan(app, id);
  if (answer === 'yes') await applyPlanned(app, plan.planned, plan.manner);
};

/** The plan as a read-only document. */
export const showPlan = async (app: App, id: string): Promise<void> => {
  const plan = waiting.get(id);
  if (plan === undefined) return;
  const text = planDocument(plan.planned.json, plan.manner.title, isSimulated(), t);
  await app.documents.show(t('Plan: {0}', plan.manner.title), text);
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

const ask = (planned: Planned, manner: Manner): Promise<Answer> =>
  'typed' in manner.yes ? askTyped(planned, manner, manner.yes.typed) : askButton(planned, manner, manner.yes.button);

const detailOf = (planned: Planned, manner: Manner): string =>
  [
    t('On {0}.', planned.json.cloud),
    planSummary(planned.json, isSimulated(), t),
    ...(planned.json.warnings ?? []).map((w) => `⚠ ${w}`),
    ...(manner.notes ?? []),
  ].join('\n');

const askButton = async (planned: Planned, manner: Manner, button: string): Promise<Answer> => {
  const read = t('Read the Plan First');
  const options = { modal: true, detail: detailOf(planned, manner) };
  const answer = await vscode.window.showInformationMessage(`${manner.title}?`, options, button, read);
  return answer === button ? 'yes' : answer === read ? 'read' : 'no';
};

const askTyped = (planned: Planned, manner: Manner, name: string): Promise<Answer> =>
  new Promise((resolve) => {
    const input = vscode.window.createInputBox();
    const read: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('list-tree'),
      tooltip: t('Read the Plan First'),
    };
    input.title = manner.title;
    input.prompt = `${detailOf(planned, manner)} ${t('Type {0} to confirm.', name)}`;
    input.placeholder = name;
    input.ignoreFocusOut = true;
    input.buttons = [read];
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

const applyPlanned = async (app: App, planned: Planned, manner: Manner): Promise<void> => {
  const desk = await app.desk();
  const session = await app.connect();
  const live = app.runs.begin(() => session.clock.monotonic());
  let result: Applied;
  try {
    result = await desk.apply(session, planned, live.listen, live.cancel.signal, false);
  } catch (error) {
    await showError(app, error);
    return;
  } finally {
    app.runs.end(live);
    void app.observation.refresh();
  }
  await runEnded(app, planned, manner.title, result);
};
