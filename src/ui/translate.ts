/** `vscode.l10n.t`, handed to files that know nothing of the editor; the message is a literal, which the bundle's test collects. */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

/** English, for tests: puts the arguments in the places of {0}, {1} … */
export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (_, n: string) => String(args[Number(n)] ?? ''));
