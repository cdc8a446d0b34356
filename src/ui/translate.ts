import { filled, type Message } from '../lib/message.ts';

/**
 * Translates a message for the person. The first argument is always a literal in English, with {0}, {1} … for what varies:
 * `test/ui/localisation.test.ts` collects these literals. In the editor it is `vscode.l10n.t`.
 */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

/** A message in the person's language. Its literal stands where it is made; `test/ui/localisation.test.ts` collects it there. */
export const translated = (translate: Translate, { text, names }: Message): string => translate(text, ...names);

/** English: the message itself. For tests, and where no editor is around. */
export const untranslated: Translate = (text, ...args) => filled(text, args);
