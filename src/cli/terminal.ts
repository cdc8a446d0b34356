import { createInterface } from 'node:readline/promises';
import { wallClock } from '../lib/clock.ts';
import { asOperatorError, type ErrorCode, type OperatorError } from '../lib/operatorError.ts';
import { interrupts } from './signals.ts';
import { output } from './streams.ts';

/** Where a command speaks: results to stdout, everything about how it goes to stderr; with `--json` stdout is one document. */
export interface Terminal {
  readonly json: boolean;
  /** Whether a person looks on: live progress and questions. */
  readonly live: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts at the first Ctrl-C, when the terminal is closed, and when the process is asked to end. */
  readonly cancel: AbortSignal;
  /** Takes what a person must know who quits at once: of the work that goes on from now on. */
  readonly atQuit: (words: () => readonly string[]) => void;
  /** A line of the result. */
  readonly say: (text: string) => void;
  /** Exactly this on stdout. */
  readonly out: (text: string) => void;
  /** A line about how it goes. */
  readonly log: (text: string) => void;
  /** The one JSON document. */
  readonly document: (value: unknown) => void;
  /** Why a result has not arrived whole, as on a full disk; undefined where it has, or where its reader has gone. */
  readonly lost: () => unknown;
  /** Asks for an exact answer; without a person, or at the end of their input, it is no. */
  readonly confirm: (question: string, answer: string) => Promise<boolean>;
}

/** What whoever works says at the first Ctrl-C. */
export const stopping = 'Stopping at the next safe point; Ctrl-C again within 2 s quits at once (resume goes on).';

const stillStopping = 'Still stopping at the next safe point; Ctrl-C twice within 2 s quits at once.';

/** The terminal of this process. */
export const processTerminal = (json: boolean): Terminal => {
  const stop = new AbortController();
  const [stdout, stderr] = [output(process.stdout), output(process.stderr)];
  const log = (text: string): void => stderr.write(`${text}\n`);
  let words = (): readonly string[] => ['What was asked of the cloud goes on. See: trizone runs'];
  const quit = (): void => {
    log(['Quit.', ...heard(words)].join('\n'));
    process.exit(130);
  };
  const interrupted = interrupts(wallClock, { stop: () => stop.abort(), again: () => log(stillStopping), quit });
  process.on('SIGINT', () => interrupted(true));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted(false));
  return {
    json,
    live: !json && process.stderr.isTTY,
    env: process.env,
    cancel: stop.signal,
    atQuit: (told) => {
      words = told;
    },
    say: (text) => (json ? stderr : stdout).write(`${text}\n`),
    out: stdout.write,
    log,
    document: (value) => stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    lost: stdout.lost,
    confirm: async (question, answer) => {
      if (!process.stdin.isTTY) return false;
      const ask = createInterface({ input: process.stdin, output: process.stderr });
      try {
        const closed = new Promise<string>((end) => ask.once('close', () => end('')));
        return (await Promise.race([ask.question(`${question} `, { signal: stop.signal }), closed])).trim() === answer;
      } finally {
        ask.close();
      }
    },
  };
};

// Whoever quits at once gets away whatever is wrong.
const heard = (words: () => readonly string[]): readonly string[] => {
  try {
    return words();
  } catch (error) {
    return [asOperatorError(error).message];
  }
};

const guards: readonly ErrorCode[] = ['refused', 'foreign', 'leased', 'no-cloud'];

/** 0 done, 1 failed with a named error, 2 wrong use, 3 refused by a guard, 130 cancelled. */
export const exitCode = (error: OperatorError): number => {
  if (error.code === 'invalid-input') return 2;
  if (error.code === 'cancelled') return 130;
  return guards.includes(error.code) ? 3 : 1;
};

/** The one place that turns an error into words; a stack trace only for a defect of ours, and only when asked for. */
export const printError = (t: Pick<Terminal, 'json' | 'log' | 'document' | 'env'>, thrown: unknown): number => {
  const error = asOperatorError(thrown);
  if (t.json)
    t.document({ error: { code: error.code, message: error.message, remedy: error.remedy, step: error.step } });
  t.log(error.code === 'cancelled' ? 'Cancelled.' : `Error (${error.code}): ${error.message}`);
  if (error.remedy) t.log(`  ${error.remedy}`);
  if (t.env.TRIZONE_DEBUG && error.cause instanceof Error) t.log(error.cause.stack ?? '');
  return exitCode(error);
};
