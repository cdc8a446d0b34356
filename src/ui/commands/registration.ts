import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { showingErrors } from './guard.ts';
import type { On } from './pick.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

/** Registers all commands of package.json; their code is loaded at the first call, and all errors are handled here. */
export const registerCommands = (app: App): void => {
  const { contributes } = app.context.extension.packageJSON as Manifest;
  for (const { command } of contributes.commands) {
    const run = (on: On): Promise<void> => showingErrors(app, () => call(app, command, on));
    app.context.subscriptions.push(vscode.commands.registerCommand(command, run));
  }
};

const call = async (app: App, command: string, on: On): Promise<void> => {
  const { runCommand } = await import('../deferred.ts');
  await runCommand(app, command.replace(/^trizone\./, ''), on);
};
