import { join } from 'node:path';
import { fileJournals } from '../engine/journal.ts';
import { wallClock } from '../lib/clock.ts';
import { quoted } from '../lib/shellWord.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { checkStateFolder, stateFolder } from '../lib/stateFolder.ts';
import { checkProject } from '../model/cluster.ts';
import { emulatorCloud } from '../model/clusterIdentity.ts';
import { readFaults } from '../emulator/faults.ts';
import { findEmulator, resetEmulator, startEmulator, stopEmulator, type RunningEmulator } from '../emulator/process.ts';
import { closeRuns } from '../verbs/identity.ts';
import { textOption, type Option } from '../model/option.ts';
import type { Command } from './command.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

// The bundle next to this one.
const program = join(import.meta.dirname, 'emulator.js');

/** Starts the state folder's emulator, or finds it running. */
export const ensureEmulator = async (terminal: Terminal, args: Arguments): Promise<RunningEmulator> => {
  const port = whole(args, 'port', 65_535);
  const scale = args.text('time-scale');
  const timeScale = scale === undefined ? undefined : Number(scale);
  if (timeScale !== undefined && !(timeScale > 0 && timeScale <= 1)) {
    throw invalid(
      `--time-scale must be above 0 and at most 1: ${scale ?? ''}`,
      'For example: 0.02 (a simulated minute takes 1.2 s).',
    );
  }
  const folder = folderOf(terminal, args);
  checkStateFolder(folder);
  const project = args.text('project');
  if (project !== undefined) checkProject(project);
  const faults = args.text('faults');
  if (faults !== undefined) readFaults(faults);
  const running = await findEmulator(folder);
  const emulator =
    running ?? (await startEmulator({ program, stateFolder: folder, port, timeScale, project, faultsFile: faults }));
  // Checked even after a start: another process may have started it first.
  const fixed = { port: port === 0 ? undefined : port, timeScale, project };
  return asAsked(emulator, running === undefined ? fixed : { ...fixed, faults });
};

// A running emulator is not reconfigured: conflicting options are rejected instead of ignored.
const asAsked = (running: RunningEmulator, asked: Readonly<Record<string, unknown>>): RunningEmulator => {
  const { port, timeScale, project } = running;
  const is: Readonly<Record<string, unknown>> = { port, timeScale, project };
  const other = Object.keys(asked).filter((name) => asked[name] !== undefined && asked[name] !== is[name]);
  if (other.length === 0) return running;
  throw new OperatorError(
    'refused',
    `An emulator is already running on this state folder with different options: ${other.join(', ')}`,
    { remedy: 'Stop it first (trizone emulator stop), or use another folder with --state.' },
  );
};

/** State folder of the selected emulator. */
export const folderOf = (t: Terminal, w: Arguments): string => w.text('state') ?? stateFolder(t.env);

const whole = (args: Arguments, option: 'port', most: number): number | undefined => {
  const text = args.text(option);
  if (text === undefined) return undefined;
  const n = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(n === 0 || (n >= 1024 && n <= most)))
    throw invalid(
      `--${option} must be a whole number from 1024 to ${most}, or 0 for any free port: ${text}`,
      `For example: --${option} 4711`,
    );
  return n;
};

// Runs on it can no longer be resumed.
const reset = async (terminal: Terminal, folder: string): Promise<boolean> => {
  const id = await resetEmulator(folder);
  if (id === undefined) return false;
  for (const state of new Set([folder, stateFolder(terminal.env)]))
    closeRuns(fileJournals(state), wallClock, (r) => r.cloud === emulatorCloud(id));
  return true;
};

const start = async (terminal: Terminal, args: Arguments): Promise<void> => {
  const { endpoint, project, state, pid } = await ensureEmulator(terminal, args);
  terminal.out(`${JSON.stringify({ endpoint, project, state, pid })}\n`);
  terminal.log(`To use it in this shell: . ${quoted(join(state, 'env.sh'))}`);
};

const end = async (terminal: Terminal, args: Arguments, how: 'stopped' | 'reset'): Promise<void> => {
  const folder = folderOf(terminal, args);
  const found = how === 'stopped' ? await stopEmulator(folder) : await reset(terminal, folder);
  terminal.write(found ? `Emulator ${how}: ${folder}` : `No emulator is running on ${folder}.`);
};

const state: Option = {
  ...textOption('state', 'FOLDER', 'state folder of the emulator', 'TRIZONE_STATE'),
  names: 'files',
};

/** Options for starting an emulator. */
export const startOptions: readonly Option[] = [
  state,
  textOption('time-scale', 'N', 'ratio of real time to simulated time, above 0 and at most 1', '0.02'),
];

/** Commands that start, stop, and reset a Compute Engine emulator on this computer. */
export const emulating: readonly Command[] = [
  {
    words: 'emulator',
    group: 'Emulator',
    does: 'start a Compute Engine emulator on this computer',
    examples: ['trizone emulator', 'trizone emulator --time-scale 0.01 --port 4711'],
    never: 'Listens on loopback only and makes no outside connections.',
    options: [
      ...startOptions,
      textOption('port', 'N', 'port to listen on, 1024 to 65535', 'any free port'),
      { ...textOption('faults', 'FILE', 'JSON file with faults to inject'), names: 'files' },
    ],
    run: start,
  },
  {
    words: 'emulator stop',
    group: 'Emulator',
    does: 'stop the emulator and keep its resources',
    examples: ['trizone emulator stop'],
    options: [state],
    run: (t, w) => end(t, w, 'stopped'),
  },
  {
    words: 'emulator reset',
    group: 'Emulator',
    does: 'delete everything created on the emulator',
    examples: ['trizone emulator reset'],
    options: [state],
    run: (t, w) => end(t, w, 'reset'),
  },
];
