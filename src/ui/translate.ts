import { filled, type Message } from '../lib/message.ts';

/**
 * Translates a message for the user. The first argument is always an English literal, with {0}, {1} … as placeholders:
 * `test/ui/localisation.test.ts` collects these literals. In the editor it is `vscode.l10n.t`.
 */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

/**
 * A message in the user's language. Its literal is where it is
 * created; `test/ui/localisation.test.ts` collects it there.
 */
export const translated = (translate: Translate, { text, names }: Message): string => translate(text, ...names);

/** English: the message itself. For tests, and outside an editor. */
export const untranslated: Translate = (text, ...args) => filled(text, args);
