import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { settings } from '../settings.ts';
import { runReport } from '../runReport.ts';
import { isRowResumable, isRowUndoable, type RunRow } from '../runRow.ts';
import { runLabel } from '../words.ts';
import { pickRun, type On } from './pick.ts';
import { carryOut } from './verb.ts';

/** Cancel: at the next safe point. A run of another process is cancelled there. */
export const cancelRun = async (app: App, on: On): Promise<void> => {
  const row = await pickRun(app, on, t('Cancel Run'), (r) => r.state === 'running');
  const own = row === undefined ? undefined : app.runs.own(row.run);
  own?.cancel.abort();
  if (row !== undefined && own === undefined)
    void vscode.window.showInformationMessage(t('This run was started elsewhere. Cancel it there.'));
};

/** Resume: the same verb with the same request IDs. */
export const resumeRun = async (app: App, on: On): Promise<void> => {
  const row = await pickRun(app, on, t('Resume Run'), isRowResumable);
  if (row === undefined) return;
  const title = t('Resume: {0}', runLabel(t, row));
  const yes = row.removes === undefined ? { button: t('Resume') } : { typed: row.removes };
  await carryOut(app, { resume: row.run }, { title, yes });
};

/** Forget: stops offering a run that will not be resumed. */
export const askAndForgetRun = async (app: App, on: On): Promise<void> => {
  const row = await pickRun(app, on, t('Forget Run'), isRowResumable);
  if (row === undefined) return;
  const yes = t('Forget');
  const detail = t('You cannot resume it afterwards. The resources it created are kept.');
  const title = t('Forget: {0}?', runLabel(t, row));
  if ((await vscode.window.showWarningMessage(title, { modal: true, detail }, yes)) !== yes) return;
  (await app.cloudAccess()).forget(settings().folder, row.run);
  app.runs.read();
};

/** Undo: reverts a run's additions by a separate plan. */
export const undoRun = async (app: App, on: On): Promise<void> => {
  const row = await pickRun(app, on, t('Undo Run'), isRowUndoable);
  if (row === undefined) return;
  const title = t('Undo: {0}', runLabel(t, row));
  await carryOut(app, { undo: row.run }, { title, yes: { button: t('Undo') } });
};

/** The log of a run, whichever process carries it out. */
export const showRunLog = async (app: App, on: On): Promise<void> => {
  const row = await pickRun(app, on, t('Show Run Log'), (r) => r.state !== 'planned');
  if (row !== undefined) app.logs.show(row.run);
};

/** A run as Markdown, for an issue or a colleague. */
export const copyReport = async (app: App, on: On): Promise<void> => {
  const row = await pickRun(app, on, t('Copy Run Report'), (r) => r.state !== 'planned');
  if (row === undefined) return;
  await vscode.env.clipboard.writeText(runReport(row));
  void vscode.window.setStatusBarMessage(t('Report copied to the clipboard.'), 3000);
};

const offered = new Set<string>();

/** Offers once per window to resume interrupted runs (a reload, a crash); only after a view was shown. */
export const offerResume = (app: App): void => {
  app.runs.read();
  const row = app.runs.rows.find((r) => r.state === 'interrupted' && !r.readOnly);
  if (row === undefined || offered.has(row.run)) return;
  offered.add(row.run);
  void ask(app, row);
};

const ask = async (app: App, row: RunRow): Promise<void> => {
  const [resume, showLog] = [t('Resume'), t('Show Log')];
  const text = t('{0} was interrupted. The resources it created still exist. You can resume it.', runLabel(t, row));
  const answer = await vscode.window.showWarningMessage(text, resume, showLog);
  if (answer === showLog) app.logs.show(row.run);
  if (answer === resume)
    await vscode.commands.executeCommand('trizone.run.resume', { target: { run: row.run, cluster: row.cluster } });
};
