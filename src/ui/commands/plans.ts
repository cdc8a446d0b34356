import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { targetOf, type On } from './pick.ts';
import { askAndApply, discardPlan, showPlan } from './verb.ts';

const pick = async (app: App, on: On, title: string): Promise<string | undefined> => {
  const named = targetOf(on).run;
  if (named !== undefined) return named;
  const plans = app.plans.list();
  if (plans.length === 0) void vscode.window.showInformationMessage(t('No plan is waiting to be applied.'));
  if (plans.length <= 1) return plans[0]?.id;
  const items = plans.map((p) => ({ label: p.title, id: p.id }));
  return (await vscode.window.showQuickPick(items, { title }))?.id;
};

/** Apply Plan…: confirms once more, then runs it. */
export const applyWaitingPlan = async (app: App, on: On): Promise<void> => {
  const id = await pick(app, on, t('Select a plan to apply'));
  if (id !== undefined) await askAndApply(app, id);
};

/** Show Plan: as a read-only document. */
export const openPlan = async (app: App, on: On): Promise<void> => {
  const id = await pick(app, on, t('Select a plan to show'));
  if (id !== undefined) await showPlan(app, id);
};

/** Discard Plan. */
export const dropPlan = async (app: App, on: On): Promise<void> => {
  const id = await pick(app, on, t('Select a plan to discard'));
  if (id !== undefined) discardPlan(app, id);
};
