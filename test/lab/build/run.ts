import { spawn } from 'node:child_process';
import { OperatorError } from '../../../src/lib/operatorError.ts';

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  /** Beside this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const shownLines = 15;

/** Runs a program to its end and gives its output; a failure tells the last lines of what it said. */
export const run = (program: string, words: readonly string[], { cwd, env }: RunOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: [...stdio] });
    let [out, all] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      all += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (all += text));
    child.on('error', (error) => reject(failed(program, words, error.message)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out);
      else
        reject(failed(program, words, `${signal ?? code}\n${all.trimEnd().split('\n').slice(-shownLines).join('\n')}`));
    });
  });

const failed = (program: string, words: readonly string[], how: string): OperatorError =>
  new OperatorError('operation-failed', `A part of the lab could not be built, ${program} ${words.join(' ')}: ${how}`, {
    remedy: 'Put right what the program says and run it again: what was finished before is kept.',
  });
