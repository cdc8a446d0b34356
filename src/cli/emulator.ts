import { join } from 'node:path';
import { invalid } from '../lib/operatorError.ts';
import { stateFolder } from '../lib/stateFolder.ts';
import { findEmulator, resetEmulator, startEmulator, stopEmulator, type RunningEmulator } from '../emulator/process.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

// The bundle beside this one.
const program = join(import.meta.dirname, 'emulator.js');

/** Starts the emulator of the state folder, or finds it running. */
export const ensureEmulator = (t: Terminal, w: Words): Promise<RunningEmulator> => {
  const port = whole(w, 'port', 65_535);
  const scale = w.text('time-scale');
  const timeScale = scale === undefined ? undefined : Number(scale);
  if (timeScale !== undefined && !(timeScale > 0 && timeScale <= 1)) {
    throw invalid(
      `--time-scale must be above 0 and at most 1: ${scale ?? ''}`,
      'For example: 0.02 (a simulated minute takes 1.2 s).',
    );
  }
  return startEmulator({
    program,
    stateFolder: folderOf(t, w),
    ...(port === undefined ? {} : { port }),
    ...(timeScale === undefined ? {} : { timeScale }),
    ...(w.text('project') === undefined ? {} : { project: w.text('project') }),
    ...(w.text('faults') === undefined ? {} : { faultsFile: w.text('faults') }),
  });
};

const folderOf = (t: Terminal, w: Words): string => w.text('state') ?? stateFolder(t.env);

const whole = (w: Words, option: 'port', most: number): number | undefined => {
  const text = w.text(option);
  if (text === undefined) return undefined;
  const n = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(n >= 1024 && n <= most))
    throw invalid(`--${option} must be a whole number from 1024 to ${most}: ${text}`, `For example: --${option} 4711`);
  return n;
};

/** `trizone emulator [stop|reset]`: prints one JSON line when it is ready. */
export const emulator = async (t: Terminal, w: Words): Promise<void> => {
  const [what] = w.rest;
  const folder = folderOf(t, w);
  if (what === 'stop' || what === 'reset') {
    const found = what === 'stop' ? await stopEmulator(folder) : await resetEmulator(folder);
    t.say(found ? `Emulator ${what === 'stop' ? 'stopped' : 'reset'}: ${folder}` : `No emulator runs on ${folder}.`);
    return;
  }
  if (what !== undefined) throw invalid(`The emulator cannot: ${what}`, 'Say nothing to start it, or stop, or reset.');
  const known = await findEmulator(folder);
  const { endpoint, project, state, pid } = known ?? (await ensureEmulator(t, w));
  process.stdout.write(`${JSON.stringify({ endpoint, project, state, pid })}\n`);
  t.log(`Use it in this shell: . '${join(state, 'env.sh')}'`);
};
