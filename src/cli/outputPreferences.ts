import { writesReport } from './article.ts';
import { listing, type Command } from './command.ts';
import { valueOf, typedWords } from './completion.ts';
import type { OutputPreferences } from './paint.ts';
import { commandNamed } from './parse.ts';

/** How the words and the environment want lines: known before the words are read, because a refusal of them is told so, too. */
export const outputPreferences = (
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  commands: readonly Command[],
): OutputPreferences => ({
  env,
  without: argv.includes('--no-color'),
  json: (argv.includes('--json') && !writesReport(argv)) || listsJson(argv, commands),
});

const listsJson = (argv: readonly string[], commands: readonly Command[]): boolean => {
  const command = commandNamed(typedWords(argv, commands), commands);
  return command?.options.includes(listing) === true && valueOf(listing, argv) === 'json';
};
