import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import type { Asking } from '../asking.ts';
import type { AppliedRun, Planned } from '../cloudAccess.ts';
import { t } from '../localised.ts';
import { planDocument, planSummary } from '../planDocument.ts';
import type { RunRow } from '../runRow.ts';
import { settings } from '../settings.ts';
import type { Confirmation, WaitingPlan } from '../waitingPlans.ts';
import { confirm } from './confirm.ts';
import { showError, withProgress } from './guard.ts';
import { runEnded } from './runEnded.ts';

const isSimulated = (): boolean => settings().cloud === 'emulator';

/** Plan → tree and document → confirmation → run → report: the same for every mutating verb. */
export const carryOut = async (
  app: App,
  asking: Asking,
  confirmation: Confirmation,
  takeOver = false,
): Promise<void> => {
  const access = await app.cloudAccess();
  const session = await app.connect();
  const planned = await withProgress(t('Planning: {0}', confirmation.title), (cancel) =>
    access.plan(session, asking, takeOver, cancel),
  );
  const [refusal] = planned?.plan.refusals ?? [];
  const over = (): Promise<void> => carryOut(app, asking, confirmation, true);
  if (refusal?.code === 'leased' && !takeOver) return offerTakeOver(app, refusal, over);
  if (refusal !== undefined) throw refusal;
  if (planned === undefined || planned.nothingToDo) {
    if ('resume' in asking) access.forget(settings().folder, asking.resume);
    void vscode.window.showInformationMessage(t('{0}: no changes needed.', confirmation.title));
    return;
  }
  if (planned.plan.changes.length === 0) return applyPlanned(app, { planned, confirmation, over });
  await askAndApply(app, keep(app, { planned, confirmation, over }));
};

// A plan for one cloud is never applied on another: plans are dropped with the connection.
const keep = (app: App, plan: WaitingPlan): string => {
  const id = app.plans.add(plan);
  app.runs.addPlan(planRow(app, id, plan.planned));
  const watch = app.onDidReconnect(() => {
    watch.dispose();
    if (app.plans.get(id) === undefined) return;
    discardPlan(app, id);
    const text = t('{0}: the plan was discarded because the connection changed.', plan.confirmation.title);
    void vscode.window.showWarningMessage(text);
  });
  return id;
};

// The holder of the cluster may be dead: a takeover waits until it has been silent for long enough.
const offerTakeOver = async (app: App, error: OperatorError, over: () => Promise<void>): Promise<void> => {
  const button = t('Take Over…');
  if ((await showError(app, error, button)) !== button) return;
  const yes = t('Take Over');
  const detail = t(
    'Take over only if the other run is dead. The takeover waits until that run has sent no heartbeat for five minutes, and is refused if one arrives.',
  );
  const title = t('Take over the cluster?');
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

/** Asks to confirm a plan, and applies it if confirmed. If reviewed first, the plan stays in the Activity view. */
export const askAndApply = async (app: App, id: string): Promise<void> => {
  const plan = app.plans.get(id);
  if (plan === undefined) return;
  const answer = await confirm(detailOf(plan.planned, plan.confirmation), plan.confirmation, true);
  if (app.plans.get(id) === undefined) return; // dropped since, which has been reported
  if (answer === 'read') await showPlan(app, id);
  if (answer === 'read') return;
  discardPlan(app, id);
  if (answer === 'yes') await applyPlanned(app, plan);
};

/** The plan as a read-only document. */
export const showPlan = async (app: App, id: string): Promise<void> => {
  const plan = app.plans.get(id);
  if (plan === undefined) return;
  const { planned, confirmation } = plan;
  const steps = new Map(planned.plan.steps.map(({ step }) => [step.id, step.title]));
  const text = planDocument(planned.json, { title: confirmation.title, simulated: isSimulated(), steps }, t);
  await app.documents.show(t('Plan: {0}', confirmation.title), text);
};

/** Discards a plan without applying it. */
export const discardPlan = (app: App, id: string): void => {
  app.plans.remove(id);
  app.runs.removePlan(id);
};

const detailOf = (planned: Planned, confirmation: Confirmation): string =>
  [
    t('Target: {0}.', planned.json.cloud),
    planSummary(planned.json, isSimulated(), t),
    ...(planned.json.warnings ?? []).map((w) => `⚠ ${w}`),
    ...(confirmation.notes ?? []),
  ].join('\n');

const applyPlanned = async (app: App, { planned, confirmation, over }: WaitingPlan): Promise<void> => {
  const access = await app.cloudAccess();
  const { clock } = planned.session;
  const live = app.runs.begin(() => clock.monotonic());
  const differs = (difference: string): Promise<boolean> => askAgain(planned, confirmation, difference);
  let result: AppliedRun;
  try {
    result = await access.apply(planned, live.listen, live.cancel.signal, differs);
  } catch (error) {
    if (OperatorError.is(error, 'leased') && !planned.takeOver) await offerTakeOver(app, error, over);
    else await showError(app, error);
    return;
  } finally {
    app.runs.end(live);
    void app.observation.refresh();
  }
  await runEnded(app, planned, confirmation.title, result);
};

// The cluster changed between plan and confirmation: asks again, with the differences.
const askAgain = async (planned: Planned, confirmation: Confirmation, difference: string): Promise<boolean> => {
  const heading = t('The cluster has changed since this plan was made. Differences:');
  const answer = await confirm(
    `${t('Target: {0}.', planned.json.cloud)}\n${heading}\n${difference}`,
    confirmation,
    false,
  );
  return answer === 'yes';
};
