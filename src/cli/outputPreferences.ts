import { writesReport } from './article.ts';
import { listing, type Command } from './command.ts';
import { valueOf, typedWords } from './completion.ts';
import type { OutputPreferences } from './paint.ts';
import { commandNamed } from './parse.ts';

/**
 * Output preferences from the command line and the environment: determined before parsing, because they apply to its
 * errors, too.
 */
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
