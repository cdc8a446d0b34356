import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { OperatorError } from '../../lib/operatorError.ts';
import { checkProject } from '../../model/cluster.ts';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { problemWith } from '../prompts/problem.ts';
import { change, settings } from '../settings.ts';
import { withProgress } from './guard.ts';

/** Try It Without an Account: starts the emulator of the state folder, or finds the running one, and selects it. */
export const startEmulatorCommand = async (app: App): Promise<void> => {
  const access = await app.cloudAccess();
  const { folder, timeScale, cloud } = settings();
  await withProgress(t('Starting the emulator'), () => access.emulator(folder, timeScale));
  if (cloud === 'emulator') app.reconnect();
  else await change('cloud', 'emulator');
};

/** Stop Emulator: its state is kept. Refused while a run uses it. */
export const stopEmulatorCommand = async (app: App): Promise<void> => {
  refuseWhileRunning(app);
  const access = await app.cloudAccess();
  const stopped = await access.stopEmulator(settings().folder);
  if (!stopped) void vscode.window.showInformationMessage(t('The emulator is not running.'));
  app.reconnect();
};

/** Reset Emulator…: as if started for the first time. */
export const resetEmulatorCommand = async (app: App): Promise<void> => {
  refuseWhileRunning(app);
  const yes = t('Reset');
  const detail = t('This deletes everything created on it. Google Cloud is not affected.');
  const answer = await vscode.window.showWarningMessage(t('Reset the emulator?'), { modal: true, detail }, yes);
  if (answer !== yes) return;
  const access = await app.cloudAccess();
  const reset = await access.resetAndCloseRuns(settings().folder);
  if (!reset) void vscode.window.showInformationMessage(t('The emulator is not running.'));
  app.reconnect();
};

const refuseWhileRunning = (app: App): void => {
  app.runs.read();
  if (!app.runs.active) return;
  throw new OperatorError('refused', 'A run is in progress', { remedy: 'Cancel it first, or wait for it to finish.' });
};

/** Copy Emulator Environment: lets gcloud, kubectl, and trizone in a shell use the emulator. */
export const copyEnvironment = async (app: App): Promise<void> => {
  await app.connect(); // If it is not running, the error says how to start it.
  const text = await readFile(join(settings().folder, 'env.sh'), 'utf8');
  await vscode.env.clipboard.writeText(text);
  void vscode.window.setStatusBarMessage(
    t('Copied. Paste it into a shell to use gcloud, kubectl, and trizone with the emulator.'),
    5000,
  );
};

/** Sign In to Google Cloud…: gcloud's own sign-in, in a terminal. */
export const signIn = async (): Promise<void> => {
  const terminal = vscode.window.createTerminal({
    name: t('Google sign-in'),
    shellPath: 'gcloud',
    shellArgs: ['auth', 'application-default', 'login'],
  });
  terminal.show();
  await change('cloud', 'google');
};

/** Choose Google Cloud Project… */
export const chooseProject = async (): Promise<void> => {
  const project = await vscode.window.showInputBox({
    title: t('Google Cloud project'),
    prompt: t('Project ID, as shown by `gcloud projects list`'),
    value: settings().project,
    ignoreFocusOut: true,
    validateInput: (value) => problemWith(() => checkProject(value)),
  });
  if (project === undefined) return;
  await change('google.project', project);
  await change('cloud', 'google');
};

/** Work on Google Cloud. */
export const useGoogle = async (): Promise<void> => change('cloud', 'google');
