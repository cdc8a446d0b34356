import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { wallClock } from '../lib/clock.ts';
import { poll, withDeadline } from '../lib/deadline.ts';
import { makeFolder } from '../lib/folder.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { isAlive } from '../lib/processes.ts';
import { readEntry, type RegistryEntry, tokenFile } from './registry.ts';

/** A running emulator as its registry file describes it. */
export type RunningEmulator = RegistryEntry;

/** Options for starting an emulator. */
export interface StartOptions {
  readonly stateFolder: string;
  /** Path of the emulator's bundle. */
  readonly program: string;
  readonly port?: number | undefined;
  readonly timeScale?: number | undefined;
  readonly project?: string | undefined;
  readonly faultsFile?: string | undefined;
}

const startMs = 20_000;
const answerMs = 20_000;
const stopMs = 10_000;

/** Starts the emulator of a state folder as a separate process that outlives this one, or finds the running one. */
export const startEmulator = async (options: StartOptions): Promise<RunningEmulator> => {
  const state = resolve(options.stateFolder);
  const running = await findEmulator(state);
  if (running !== undefined) return running;
  makeFolder(state);
  const log = join(state, 'emulator.log');
  const errors = openSync(log, 'w', 0o600);
  const child = spawn(process.execPath, [options.program, ...words(state, options)], {
    detached: true,
    stdio: ['ignore', 'pipe', errors],
    // In VS Code on the desktop this program runs in Electron, which behaves like Node only with this variable.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  closeSync(errors);
  await ready(child, log);
  child.unref();
  // If another process started it first, it may not have registered yet.
  return withDeadline(
    wallClock,
    startMs,
    undefined,
    () => failed(log),
    (signal) => poll(wallClock, 20, signal, () => findEmulator(state)),
  );
};

const words = (state: string, { port, timeScale, project, faultsFile }: StartOptions): string[] =>
  Object.entries({ state, port, 'time-scale': timeScale, project, faults: faultsFile }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );

// Its first line means ready; if two start at once, the one that
// finds the folder locked exits, and the other's line counts.
const ready = (child: ChildProcess, log: string): Promise<void> =>
  withDeadline(
    wallClock,
    startMs,
    undefined,
    () => failed(log),
    async () => {
      const { stdout } = child;
      if (stdout === null) throw failed(log);
      const lines = createInterface({ input: stdout });
      const first = await new Promise<string | undefined>((done, fail) => {
        lines.once('line', done);
        lines.once('close', () => done(undefined));
        child.once('error', fail);
      });
      lines.close();
      stdout.destroy();
      if (first === undefined && !readFileSync(log, 'utf8').includes('already running')) throw failed(log);
    },
  );

const failed = (log: string): OperatorError => {
  const text = readFileSync(log, 'utf8').trim().split('\n').slice(0, 3).join(' ');
  return new OperatorError('emulator', `The emulator did not start: ${text === '' ? 'timed out' : text}`, {
    remedy: `See its log: ${log}`,
  });
};

/** The emulator of a state folder, if it runs and answers. A live process gets time to answer: its computer may be busy. */
export const findEmulator = async (stateFolder: string): Promise<RunningEmulator | undefined> => {
  const entry = readEntry(resolve(stateFolder));
  if (entry === undefined || !isAlive(entry.pid, entry.started)) return undefined;
  const answer = await ask(entry, 'GET', 'info');
  return answer?.ok === true ? entry : undefined;
};

/** Stops the emulator; false if none runs. */
export const stopEmulator = async (stateFolder: string): Promise<boolean> => {
  const entry = await findEmulator(stateFolder);
  if (entry === undefined) return false;
  await ask(entry, 'POST', 'shutdown');
  const late = (): OperatorError => new OperatorError('emulator', `The emulator did not stop: process ${entry.pid}`);
  await withDeadline(wallClock, stopMs, undefined, late, (signal) =>
    poll(wallClock, 20, signal, () => Promise.resolve(isAlive(entry.pid, entry.started) ? undefined : true)),
  );
  return true;
};

/** Resets the emulator to an empty state. Returns its previous ID, which runs refer to; undefined if none runs. */
export const resetEmulator = async (stateFolder: string): Promise<string | undefined> => {
  const entry = await findEmulator(stateFolder);
  if (entry === undefined) return undefined;
  const info = v.safeParse(v.object({ id: v.string() }), await (await ask(entry, 'GET', 'info'))?.json());
  const answer = await ask(entry, 'POST', 'reset');
  if (answer?.ok !== true) throw new OperatorError('emulator', `The emulator did not reset: ${entry.endpoint}`);
  return info.success ? info.output.id : '';
};

// No answer is a valid result: the process may be ending, or its PID may belong to another program by now.
const ask = async (entry: RegistryEntry, method: string, path: string): Promise<Response | undefined> => {
  try {
    return await fetch(`${entry.endpoint}/emulator/${path}`, {
      method,
      headers: { authorization: `Bearer ${readFileSync(tokenFile(entry.state), 'utf8').trim()}` },
      signal: AbortSignal.timeout(answerMs),
    });
  } catch {
    return undefined;
  }
};
