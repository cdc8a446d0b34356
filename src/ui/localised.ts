import * as vscode from 'vscode';
import type { Message } from '../lib/message.ts';
import type { Translate } from './translate.ts';

/** The editor's translation: from `l10n/` by its display language. */
export const t: Translate = vscode.l10n.t;

// The literals of messages stand where they are made; `test/ui/localisation.test.ts` collects them there.
const translate: Translate = vscode.l10n.t;

/** A message of a verb in the person's language. */
export const told = ({ text, names }: Message): string => translate(text, ...names);
