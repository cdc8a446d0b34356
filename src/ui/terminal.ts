import { join } from 'node:path';
import * as vscode from 'vscode';
import { settings } from './settings.ts';

/**
 * Puts `trizone` on the PATH of the editor's integrated terminals. It runs on the
 * editor's own Node: an installed extension cannot rely on another one.
 */
export const offerCommandLine = (context: vscode.ExtensionContext): void => {
  const { environmentVariableCollection: env, extensionPath } = context;
  const separator = process.platform === 'win32' ? ';' : ':';
  env.description = 'trizone';
  env.prepend('PATH', `${join(extensionPath, 'dist', 'bin')}${separator}`);
  env.replace('TRIZONE_NODE', process.execPath);
  const { folder } = settings();
  env.replace('TRIZONE_STATE', folder);
};
