import { writesReport } from './article.ts';
import type { Wishes } from './paint.ts';

/** How the words and the environment want lines: known before the words are read, because a refusal of them is told so, too. */
export const wishesOf = (argv: readonly string[], env: NodeJS.ProcessEnv): Wishes => ({
  env,
  without: argv.includes('--no-color'),
  json: argv.includes('--json') && !writesReport(argv),
});
