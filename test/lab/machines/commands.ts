import { spawn } from 'node:child_process';
import { wallClock } from '../../../src/lib/clock.ts';
import { poll, withDeadline } from '../../../src/lib/deadline.ts';
import { OperatorError } from '../../../src/lib/operatorError.ts';
import { fabricNamespace } from './names.ts';

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const shownLines = 15;

/** Runs a program, without a shell, to its end, whatever that is; 128 where a signal ended it. */
export const attempt = (program: string, words: readonly string[], input = ''): Promise<Ended> =>
  new Promise((resolve, reject) => {
    // Programs of the system's administrator are not in everybody's PATH.
    const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
    const child = spawn(program, words, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', (error) => reject(trouble(program, words, error.message)));
    child.on('close', (code) => resolve({ code: code ?? 128, out, err }));
    child.stdin.on('error', () => undefined); // it ended without reading all: its exit code says what is to be said
    child.stdin.end(input);
  });

/** Runs a program that must succeed and gives what it printed. */
export const run = async (program: string, words: readonly string[], input = ''): Promise<string> => {
  const { code, out, err } = await attempt(program, words, input);
  if (code !== 0) throw trouble(program, words, `${code}\n${lastLines(err || out)}`);
  return out;
};

/** Changes the network of a namespace by several lines of `ip`, in one process. */
export const ipIn = async (namespace: string, lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await run('ip', ['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
};

/** Runs a program in the fabric's network. Not by `ip netns exec`, which mounts another /sys. */
export const inFabric = (program: string, words: readonly string[], input = ''): Promise<string> =>
  run('nsenter', [`--net=/run/netns/${fabricNamespace}`, program, ...words], input);

/** Asks every 20 ms until it is so; after `ms` the error says what never was. */
export const until = async (what: string, ms: number, isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const late = (): OperatorError =>
    new OperatorError('timeout', `Not within ${ms / 1000} s: ${what}`, { remedy: restart });
  await withDeadline(wallClock, ms, undefined, late, (signal) =>
    poll(wallClock, 20, signal, async () => ((await isSo()) ? true : undefined)),
  );
};

/** The last lines of a long text. */
export const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-shownLines).join('\n');

const restart = 'Run the lab again: it begins by removing what an earlier run left.';

const trouble = (program: string, words: readonly string[], how: string): OperatorError =>
  new OperatorError('operation-failed', `The lab's ${program} ${words.join(' ')} ended with ${how}`, {
    remedy: restart,
  });
