import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { ArticleStep } from '../../operate/articleReport.ts';
import { t } from '../localised.ts';
import { settings } from '../settings.ts';
import { timeWord } from '../words.ts';
import { pickCluster, type On } from './pick.ts';

/** Run the Whole Article (Emulator): thirteen steps, each with its observations; the report is a document. */
export const runArticle = async (app: App): Promise<void> => {
  if (settings().cloud !== 'emulator') await vscode.commands.executeCommand('trizone.emulator.start');
  const access = await app.cloudAccess();
  const session = await app.connect();
  const title = t('The whole article');
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const steps = await vscode.window.withProgress(options, async (progress, token) => {
    const cancel = new AbortController();
    token.onCancellationRequested(() => cancel.abort());
    const begins = (message: string): void => {
      progress.report({ message, increment: 100 / 13 });
      app.runs.read();
    };
    return access.playArticle(session, begins, cancel.signal);
  });
  void app.observation.refresh();
  await app.documents.show(title, articleDocument(steps));
};

const articleDocument = (steps: readonly ArticleStep[]): string =>
  [
    `# ${t('The whole article')}`,
    '',
    `| | ${t('step')} | ${t('simulated time')} | ${t('result')} | ${t('failed requests')} |`,
    '|---|---|---:|---|---:|',
    ...steps.map(row),
    '',
  ].join('\n');

const row = (step: ArticleStep): string => {
  const requests = step.requests === null ? '' : t('{0} of {1}', step.requests.failed, step.requests.sent);
  return `| ${step.ok ? '✓' : '✗'} | ${step.n}. ${step.title} | ${timeWord(t, step.seconds * 1000)} | ${step.evidence} | ${requests} |`;
};

/** Copy kube-up Exports: a cluster in the form of the article's lines. */
export const copyExports = async (app: App, on: On): Promise<void> => {
  const cluster = await pickCluster(app, on);
  if (cluster === undefined) return;
  const access = await app.cloudAccess();
  await vscode.env.clipboard.writeText(await access.exportsOf(await app.connect(), cluster));
  void vscode.window.setStatusBarMessage(t('Exports copied to the clipboard.'), 3000);
};
