import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

// Whether colours are shown is decided once, where lines leave (terminal.ts).
const painted =
  (format: Format) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false });

/** What went well, and what is added. */
export const green = painted('green');

/** What failed, and what is taken away. */
export const red = painted('red');

/** What somebody should look at. */
export const yellow = painted('yellow');

/** What is said beside it. */
export const dim = painted('dim');

/** The head of something. */
export const bold = painted('bold');

/** What decides on colours beside the output itself. */
export interface OutputPreferences {
  readonly env: NodeJS.ProcessEnv;
  /** `--no-color` */
  readonly without: boolean;
  /** Whether stdout is for a program. */
  readonly json: boolean;
}

/** Whether lines to an output are coloured: the option first, then NO_COLOR, FORCE_COLOR, and what the output is. */
export const wantsColour = ({ env, without, json }: OutputPreferences, isTerminal: boolean): boolean => {
  if (without || json || env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return !['0', 'false'].includes(env.FORCE_COLOR);
  return isTerminal && env.TERM !== 'dumb';
};
