import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import type { RunRow } from '../runRow.ts';
import { runStateWord, runLabel } from '../words.ts';
import type { Item, ItemTarget } from '../views/item.ts';

/** Argument of a command: the item it was started on, or undefined from the palette. */
export type On = Pick<Item, 'target'> | undefined;

/** Target of the item that a command was started on. */
export const targetOf = (on: On): ItemTarget => on?.target ?? {};

/**
 * The cluster to act on; prompts if there are several, undefined if there is none or the prompt was dismissed. Because
 * a view may be outdated, whether there is only one is read from the cloud.
 */
export const pickCluster = async (app: App, on: On): Promise<string | undefined> => {
  const named = targetOf(on).cluster;
  if (named !== undefined) return named;
  await app.observation.refreshCloud();
  const names = app.snapshot?.clusters.map((c) => c.name) ?? [];
  if (names.length === 0) {
    const problem = app.snapshot?.problem;
    const text = problem === undefined ? t('No clusters found.') : `${problem.message}. ${problem.remedy ?? ''}`;
    void vscode.window.showInformationMessage(text);
    return undefined;
  }
  return names.length === 1 ? names[0] : vscode.window.showQuickPick(names, { title: t('Select a cluster') });
};

/** The run to act on, of those that match; undefined if there is none or the prompt was dismissed. */
export const pickRun = async (
  app: App,
  on: On,
  title: string,
  fits: (r: RunRow) => boolean,
): Promise<RunRow | undefined> => {
  app.runs.read();
  const named = targetOf(on).run;
  if (named !== undefined) return app.runs.get(named);
  const rows = app.runs.rows.filter(fits);
  if (rows.length === 0) void vscode.window.showInformationMessage(t('{0}: run not found.', title));
  if (rows.length <= 1) return rows[0];
  const items = rows.map((row) => ({
    label: runLabel(t, row),
    description: `${runStateWord(t, row.state)} · ${new Date(row.at).toLocaleString(vscode.env.language)}`,
    detail: row.run,
    row,
  }));
  return (await vscode.window.showQuickPick(items, { title }))?.row;
};
