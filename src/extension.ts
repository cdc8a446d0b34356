import * as vscode from 'vscode';
import { App } from './ui/app.ts';
import { registerCommands } from './ui/commands/registration.ts';
import { registerStatusBar } from './ui/statusBar.ts';
import { offerCommandLine } from './ui/terminal.ts';
import { registerViews } from './ui/views/registration.ts';

const kubernetesTools = 'ms-kubernetes-tools.vscode-kubernetes-tools';

const offerClusters = async (app: App): Promise<void> => (await import('./ui/deferred.ts')).offerClusters(app);

/** Registers views and commands; no request is made and nothing heavy is loaded until one of them is used (invariant 9). */
export const activate = (context: vscode.ExtensionContext): void => {
  const app = new App(context);
  registerCommands(app);
  registerViews(app);
  registerStatusBar(app);
  offerCommandLine(context);
  if (vscode.extensions.getExtension(kubernetesTools) !== undefined) void offerClusters(app);
};
