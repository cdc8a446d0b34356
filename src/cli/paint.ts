import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

// Whether colors are used is decided in one place, on output (terminal.ts).
const painted =
  (format: Format) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false });

/** Success, and what is created. */
export const green = painted('green');

/** Failure, and what is deleted. */
export const red = painted('red');

/** Warnings. */
export const yellow = painted('yellow');

/** Secondary text. */
export const dim = painted('dim');

/** Headings. */
export const bold = painted('bold');

/** What determines the use of colors, apart from the output itself. */
export interface OutputPreferences {
  readonly env: NodeJS.ProcessEnv;
  /** `--no-color` */
  readonly without: boolean;
  /** Whether stdout is for a program. */
  readonly json: boolean;
}

/** Whether lines to an output are colored: the option first, then NO_COLOR, FORCE_COLOR, and the kind of output. */
export const wantsColour = ({ env, without, json }: OutputPreferences, isTerminal: boolean): boolean => {
  if (without || json || env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return !['0', 'false'].includes(env.FORCE_COLOR);
  return isTerminal && env.TERM !== 'dumb';
};
