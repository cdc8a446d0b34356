import { wallClock } from '../../../src/lib/clock.ts';
import { poll, withDeadline } from '../../../src/lib/deadline.ts';
import { OperatorError } from '../../../src/lib/operatorError.ts';
import { attempt as attemptProgram, type Ended, mustRun } from '../program.ts';
import { fabricNamespace } from './names.ts';

// Programs of the system's administrator are not in everybody's PATH.
const env = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };

/** Runs a program to its end, whatever that is. */
export const attempt = (program: string, words: readonly string[]): Promise<Ended> =>
  attemptProgram(program, words, { env });

/** Runs a program that must succeed and gives what it printed. */
export const run = (program: string, words: readonly string[], input = ''): Promise<string> => {
  const failed = (how: string): OperatorError =>
    new OperatorError('operation-failed', `The lab's ${program} ${words.join(' ')} ended with ${how}`, {
      remedy: restart,
    });
  return mustRun(program, words, failed, { env, input });
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

const restart = 'Run the lab again: it begins by removing what an earlier run left.';
