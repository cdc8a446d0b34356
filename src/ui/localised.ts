import * as vscode from 'vscode';
import type { Translate } from './translate.ts';

/** The editor's translation: from `l10n/`, by display language. */
export const t: Translate = vscode.l10n.t;
