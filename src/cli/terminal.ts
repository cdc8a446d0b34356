import { createInterface } from 'node:readline/promises';
import { stripVTControlCharacters } from 'node:util';
import { wallClock } from '../lib/clock.ts';
import { asOperatorError } from '../lib/operatorError.ts';
import { wantsColour, type OutputPreferences } from './paint.ts';
import { Screen } from './screen.ts';
import { interrupts } from './signals.ts';
import { output, type Output } from './streams.ts';

/** Output of a command: results to stdout, progress to stderr; with `--json`, stdout is one document. */
export interface Terminal {
  readonly json: boolean;
  /** Whether a user is present who can be asked. */
  readonly live: boolean;
  /** Lines that can be redrawn; undefined in pipes, in CI, and on terminals without support. */
  readonly screen?: Screen | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts on the first Ctrl-C, when the terminal is closed, and when the process is asked to terminate. */
  readonly cancel: AbortSignal;
  /** Sets the messages for a user who quits immediately, about the work that starts now. */
  readonly atQuit: (words: () => readonly string[]) => void;
  /** Writes a line of the result. */
  readonly write: (text: string) => void;
  /** Writes exactly this text to stdout. */
  readonly out: (text: string) => void;
  /** Writes a progress line. */
  readonly log: (text: string) => void;
  /** Writes the one JSON document; a second one is ignored. */
  readonly document: (value: unknown) => void;
  /**
   * Why a result was not written completely, for example on a full disk; undefined if it was, or if its reader has
   * gone.
   */
  readonly lost: () => unknown;
  /** Asks for an exact answer; without a user, or at the end of input, the answer is no. */
  readonly confirm: (question: string, answer: string) => Promise<boolean>;
}

/** Printed on the first Ctrl-C. */
export const stopping =
  'Stopping at the next safe point. Press Ctrl-C again within 2 s to quit immediately (you can resume the run).';

const stillStopping = 'Still stopping at the next safe point. Press Ctrl-C twice within 2 s to quit immediately.';

/** The terminal of this process. */
export const processTerminal = (preferences: OutputPreferences): Terminal => {
  const { json, env } = preferences;
  const stop = new AbortController();
  const [stdout, stderr] = [output(process.stdout), output(process.stderr)];
  const screen = screenOf(preferences, stderr);
  const line = (to: Output, isTerminal: boolean): ((text: string) => void) => {
    const shown = wantsColour(preferences, isTerminal) ? (text: string) => text : stripVTControlCharacters;
    const write = (text: string): void => to.write(`${shown(text)}\n`);
    return screen === undefined ? write : (text) => screen.around(() => write(text));
  };
  const log = line(stderr, process.stderr.isTTY);
  const printed = { document: false };
  const atQuit = listenToSignals(stop, log, screen);
  return {
    ...{ json, env, screen, atQuit, log, cancel: stop.signal, live: !json && process.stderr.isTTY },
    write: json ? log : line(stdout, process.stdout.isTTY),
    out: stdout.write,
    document: (value) => {
      if (!printed.document) stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
      printed.document = true;
    },
    lost: stdout.lost,
    confirm: async (question, answer) => {
      if (!process.stdin.isTTY) return false;
      const asking = (): Promise<string> => ask(question, stop.signal);
      return (await (screen === undefined ? asking() : screen.aside(asking))) === answer;
    },
  };
};

// CI systems record output line by line, even if they claim to be a terminal.
const screenOf = ({ json, env }: OutputPreferences, stderr: Output): Screen | undefined => {
  const { stderr: to } = process;
  if (json || !to.isTTY || env.TERM === 'dumb' || (env.CI ?? 'false') !== 'false') return undefined;
  const screen = new Screen({ columns: () => to.columns || 80, rows: () => to.rows || 24, write: stderr.write });
  process.on('SIGCONT', () => screen.forget());
  return screen;
};

// Prints the messages for a user who quits immediately; returns the function that sets them.
const listenToSignals = (
  stop: AbortController,
  log: (text: string) => void,
  screen: Screen | undefined,
): Terminal['atQuit'] => {
  let words = (): readonly string[] => ['Operations already started in the cloud continue. See: trizone runs'];
  const quit = (): void => {
    screen?.show([]);
    log(['Quit.', ...heard(words)].join('\n'));
    process.exit(130);
  };
  const interrupted = interrupts(wallClock, { stop: () => stop.abort(), again: () => log(stillStopping), quit });
  process.on('SIGINT', () => interrupted(true));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted(false));
  return (printed) => {
    words = printed;
  };
};

const ask = async (question: string, signal: AbortSignal): Promise<string> => {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((end) => asking.once('close', () => end('')));
    return (await Promise.race([asking.question(`${question} `, { signal }), closed])).trim();
  } finally {
    asking.close();
  }
};

// Quitting must succeed even if the messages fail.
const heard = (words: () => readonly string[]): readonly string[] => {
  try {
    return words();
  } catch (error) {
    return [asOperatorError(error).message];
  }
};
