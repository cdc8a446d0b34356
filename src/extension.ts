import type * as vscode from 'vscode';
import { registerViews } from './ui/views/registration.ts';

/** Registers views and commands; nothing is asked and nothing heavy is loaded until one of them is used (invariant 9). */
export const activate = (context: vscode.ExtensionContext): void => {
  registerViews(context);
};
