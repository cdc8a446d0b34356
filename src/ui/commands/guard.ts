import * as vscode from 'vscode';
import { asOperatorError, type ErrorCode } from '../../lib/operatorError.ts';
import type { App } from '../app.ts';
import { t } from '../localised.ts';

/** Runs a command's work; the one place of the editor that turns an error into a message. A cancel is none. */
export const guard = async (app: App, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (thrown) {
    await showError(app, thrown);
  }
};

/** An error with its remedy, and further buttons of the caller's. */
export const showError = async (app: App, thrown: unknown, ...more: string[]): Promise<string | undefined> => {
  const error = asOperatorError(thrown);
  if (error.code === 'cancelled') return undefined;
  app.log.error(`${error.code}: ${error.message}`, ...(error.code === 'internal' ? [error.cause] : []));
  const text = error.remedy ? `${error.message}. ${error.remedy}` : error.message;
  const showLog = t('Show Log');
  const ways = waysOut(error.code);
  const buttons = [...more, ...ways.keys(), ...(more.includes(showLog) ? [] : [showLog])];
  const answer = await vscode.window.showErrorMessage(ways.size > 0 ? error.message : text, ...buttons);
  const way = answer === undefined ? undefined : ways.get(answer);
  if (way !== undefined) await vscode.commands.executeCommand(way);
  if (answer === showLog && !more.includes(showLog)) app.log.show();
  return answer;
};

// Where the editor has a command for it, a button says more than the command line's remedy.
const waysOut = (code: ErrorCode): ReadonlyMap<string, string> => {
  switch (code) {
    case 'no-cloud':
    case 'not-signed-in':
      return new Map([
        [t('Try It Without an Account'), 'trizone.emulator.start'],
        [t('Sign In to Google Cloud'), 'trizone.google.signIn'],
      ]);
    case 'emulator-stopped':
      return new Map([[t('Start the Emulator'), 'trizone.emulator.start']]);
    default:
      return new Map();
  }
};

/** Work of more than a second, with a way to cancel it. */
export const withProgress = <T>(title: string, work: (cancel: AbortSignal) => Promise<T>): Thenable<T> =>
  vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (_progress, token) => {
      const cancel = new AbortController();
      token.onCancellationRequested(() => cancel.abort());
      return work(cancel.signal);
    },
  );
