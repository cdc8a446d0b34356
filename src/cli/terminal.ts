import { createInterface } from 'node:readline/promises';
import { asOperatorError, type ErrorCode, type OperatorError } from '../lib/operatorError.ts';

/** Where a command speaks: results to stdout, everything about how it goes to stderr; with `--json` stdout is one document. */
export interface Terminal {
  readonly json: boolean;
  /** Whether a person looks on: live progress and questions. */
  readonly live: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts at the first Ctrl-C. */
  readonly cancel: AbortSignal;
  /** A line of the result. */
  readonly say: (text: string) => void;
  /** A line about how it goes. */
  readonly log: (text: string) => void;
  /** The one JSON document. */
  readonly document: (value: unknown) => void;
  /** Asks for an exact answer; without a person it is no. */
  readonly confirm: (question: string, answer: string) => Promise<boolean>;
}

/** What whoever works says at the first Ctrl-C. */
export const stopping = 'Stopping at the next safe point; Ctrl-C again quits at once (resume goes on).';

/** The terminal of this process. */
export const processTerminal = (json: boolean): Terminal => {
  const stop = new AbortController();
  process.on('SIGINT', () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });
  process.on('SIGTERM', () => stop.abort());
  return {
    json,
    live: !json && process.stderr.isTTY,
    env: process.env,
    cancel: stop.signal,
    say: (text) => (json ? process.stderr : process.stdout).write(`${text}\n`),
    log: (text) => process.stderr.write(`${text}\n`),
    document: (value) => process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    confirm: async (question, answer) => {
      if (!process.stdin.isTTY) return false;
      const ask = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return (await ask.question(`${question} `, { signal: stop.signal })).trim() === answer;
      } finally {
        ask.close();
      }
    },
  };
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
