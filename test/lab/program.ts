import { spawn } from 'node:child_process';
import type { OperatorError } from '../../src/lib/operatorError.ts';

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How a program is run. */
export interface ProgramOptions {
  readonly input?: string;
  readonly cwd?: string;
  /** Beside this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const shownLines = 15;

/** The last lines of a long text. */
export const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-shownLines).join('\n');

/** Runs a program, without a shell, to its end, whatever that is; 128 where a signal ended it. Rejected where there is none. */
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
    child.stdin.on('error', () => undefined); // it ended without reading all: its exit code says what is to be said
    child.stdin.end(input);
  });

/** Runs a program that must succeed and gives what it printed; `failed` makes an error of how it ended. */
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
