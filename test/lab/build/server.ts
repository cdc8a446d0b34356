import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { wallClock } from '../../../src/lib/clock.ts';
import { poll, withDeadline } from '../../../src/lib/deadline.ts';
import { OperatorError } from '../../../src/lib/operatorError.ts';

// A busy computer may be slow; a broken server exits by itself and is noticed at once.
const patienceMs = 60_000;

/** Starts a server with its output in the file `log`; returns it when `ready` no longer throws. */
export const serve = async (
  program: string,
  words: readonly string[],
  log: string,
  ready: () => Promise<unknown>,
): Promise<ChildProcess> => {
  const output = openSync(log, 'a');
  const child = spawn(program, words, { stdio: ['ignore', output, output] });
  closeSync(output);
  const trouble = (how: string): OperatorError =>
    new OperatorError('not-ready', `${program} ${how}: ${readFileSync(log, 'utf8').trimEnd().slice(-1000)}`);
  let ended: string | undefined;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signal) => (ended = `ended (${signal ?? code})`));
  const late = (): OperatorError => trouble('does not answer');
  try {
    await withDeadline(wallClock, patienceMs, undefined, late, (signal) =>
      poll(wallClock, 100, signal, () => {
        if (ended !== undefined) throw trouble(ended);
        return ready().then(
          () => true,
          () => undefined,
        );
      }),
    );
  } catch (error) {
    await end(child);
    throw error;
  }
  return child;
};

/** Stops a server and waits until it is gone. */
export const end = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill();
  await gone;
};
