import { wallClock } from '../../../src/lib/clock.ts';
import { poll, withDeadline } from '../../../src/lib/deadline.ts';
import { OperatorError } from '../../../src/lib/operatorError.ts';
import { attempt as attemptProgram, type Ended, mustRun } from '../program.ts';
import { fabricNamespace } from './names.ts';

// System administration programs are not in every user's PATH.
const env = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };

/** Runs a program to its end, whatever its exit code. */
export const attempt = (program: string, words: readonly string[]): Promise<Ended> =>
  attemptProgram(program, words, { env });

/** Runs a program that must succeed and returns its output. */
export const run = (program: string, words: readonly string[], input = ''): Promise<string> => {
  const failed = (how: string): OperatorError =>
    new OperatorError('operation-failed', `The lab's ${program} ${words.join(' ')} ended with ${how}`, {
      remedy: restart,
    });
  return mustRun(program, words, failed, { env, input });
};

/** Applies several `ip` commands in a namespace's network, in one process. */
export const ipIn = async (namespace: string, lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await run('ip', ['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
};

/** Runs a program in the fabric's network. Not with `ip netns exec`, which mounts another /sys. */
export const inFabric = (program: string, words: readonly string[], input = ''): Promise<string> =>
  run('nsenter', [`--net=/run/netns/${fabricNamespace}`, program, ...words], input);

/** Polls the condition every 20 ms; after `ms` the error names what was awaited. */
export const until = async (what: string, ms: number, isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const late = (): OperatorError =>
    new OperatorError('timeout', `Not within ${ms / 1000} s: ${what}`, { remedy: restart });
  await withDeadline(wallClock, ms, undefined, late, (signal) =>
    poll(wallClock, 20, signal, async () => ((await isSo()) ? true : undefined)),
  );
};

const restart = 'Run the lab again: it begins by removing what an earlier run left.';
