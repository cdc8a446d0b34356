import { spawn } from 'node:child_process';
import type { OperatorError } from '../../src/lib/operatorError.ts';

/** Result of a program. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Options for running a program. */
export interface ProgramOptions {
  readonly input?: string;
  readonly cwd?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const shownLines = 15;

/** The last lines of a long text. */
export const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-shownLines).join('\n');

/**
 * Runs a program, without a shell, to its end, whatever its exit
 * code; 128 if a signal ended it. Rejects if it does not exist.
 */
export const attempt = (
  program: string,
  words: readonly string[],
  { input = '', cwd, env }: ProgramOptions = {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 128, out, err }));
    child.stdin.on('error', () => undefined); // it ended without reading all input: its exit code is enough
    child.stdin.end(input);
  });

/** Runs a program that must succeed and returns its output; `failed` creates an error from its result. */
export const mustRun = async (
  program: string,
  words: readonly string[],
  failed: (how: string) => OperatorError,
  options?: ProgramOptions,
): Promise<string> => {
  const { code, out, err } = await attempt(program, words, options).catch((error: unknown) => {
    throw failed(error instanceof Error ? error.message : String(error));
  });
  if (code !== 0) throw failed(`${code}\n${lastLines(err || out)}`);
  return out;
};
