import * as vscode from 'vscode';
import { asOperatorError, type ErrorCode } from '../../lib/operatorError.ts';
import { message } from '../../lib/message.ts';
import { remedyLine, type Remedy } from '../../lib/remedy.ts';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { translated } from '../translate.ts';
import { remedyButton, type ButtonAction, type PaletteCommand } from '../remedies.ts';

type Actions = ReadonlyMap<string, ButtonAction>;

/** Runs a command and shows its error, if any. A cancellation is not an error. */
export const showingErrors = async (app: App, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (thrown) {
    await showError(app, thrown);
  }
};

/** Shows an error with its remedy and a button for each action. Returns the label of the selected button. */
export const showError = async (app: App, thrown: unknown, ...more: string[]): Promise<string | undefined> => {
  const error = asOperatorError(thrown);
  if (error.code === 'cancelled') return undefined;
  app.log.error(`${error.code}: ${error.message}`, ...(error.code === 'internal' ? [error.cause] : []));
  const showLog = t('Show Log');
  const signIn = signInButtons(error.code);
  const actions = signIn ?? (await remedyButtons(app, error.remedies, more));
  const text = error.remedy && signIn === undefined ? `${error.message}. ${error.remedy}` : error.message;
  const buttons = [...more, ...actions.keys(), ...(more.includes(showLog) ? [] : [showLog])];
  const answer = await vscode.window.showErrorMessage(text, ...buttons);
  const action = answer === undefined ? undefined : actions.get(answer);
  if (action !== undefined) await perform(action);
  if (answer === showLog && !more.includes(showLog)) app.log.show();
  return answer;
};

// A button for each remedy, in order, except those that the caller already offers.
const remedyButtons = async (app: App, remedies: readonly Remedy[], more: readonly string[]): Promise<Actions> => {
  if (!remedies.some((r) => remedyLine(r) !== undefined)) return new Map();
  const { verbByWords } = await app.cloudAccess();
  const paletteCommand = (words: string): PaletteCommand | undefined => {
    const palette = verbByWords(words)?.palette;
    return palette && { command: `trizone.${palette.command}`, button: translated(t, message(palette.button)) };
  };
  const buttons = remedies.flatMap((r) => remedyButton(r, t, paletteCommand) ?? []);
  return new Map(buttons.filter(({ label }) => !more.includes(label)).map(({ label, action }) => [label, action]));
};

const perform = async (action: ButtonAction): Promise<void> => {
  if ('copies' in action) await vscode.env.clipboard.writeText(action.copies);
  else if ('url' in action) await vscode.env.openExternal(vscode.Uri.parse(action.url));
  else await vscode.commands.executeCommand(action.command, { target: action.target });
};

// Sign-in needs a choice that the command line's remedy does not offer: these buttons replace its text.
const signInButtons = (code: ErrorCode): Actions | undefined => {
  const start: ButtonAction = { command: 'trizone.emulator.start', target: {} };
  if (code === 'emulator-stopped') return new Map([[t('Start the Emulator'), start]]);
  if (code !== 'no-cloud' && code !== 'not-signed-in') return undefined;
  return new Map([
    [t('Try It Without an Account'), start],
    [t('Sign In to Google Cloud'), { command: 'trizone.google.signIn', target: {} }],
  ]);
};

/** Runs work of more than a second with a cancellable progress notification. */
export const withProgress = <T>(title: string, work: (cancel: AbortSignal) => Promise<T>): Thenable<T> =>
  vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (_progress, token) => {
      const cancel = new AbortController();
      token.onCancellationRequested(() => cancel.abort());
      return work(cancel.signal);
    },
  );
