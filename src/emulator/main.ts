import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { scaledClock, wallClock } from '../lib/clock.ts';
import { makeFolder } from '../lib/folder.ts';
import { systemIds } from '../lib/ids.ts';
import { asOperatorError, invalid, OperatorError } from '../lib/operatorError.ts';
import { startOf } from '../lib/processes.ts';
import { stateFolder } from '../lib/stateFolder.ts';
import { announce, keptSecret } from './announce.ts';
import { readFaults } from './faults.ts';
import { createEmulator, type Emulator, storedInstant } from './emulator.ts';
import { simulatedGuests } from './guest/simulated.ts';
import { holdsFolder, lockFolder, removeRegistration } from './registry.ts';

// Entry point of the emulator process: node emulator.js [--state
// DIR] [--port P] [--time-scale S] [--project P] [--faults FILE]

const idleMs = 30 * 60_000;
const lookEveryMs = 2_000;

interface Settings {
  readonly state: string;
  readonly port: number | undefined;
  readonly timeScale: number;
  readonly project: string | undefined;
  readonly faults: string | undefined;
}

const readSettings = (): Settings => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { state: text, port: text, 'time-scale': text, project: text, faults: text },
  });
  const timeScale = Number(values['time-scale'] ?? 0.02);
  if (!(timeScale > 0 && timeScale <= 1))
    throw invalid(`--time-scale must be above 0 and at most 1: ${values['time-scale'] ?? ''}`);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw invalid(`--port must be a whole number up to 65535: ${values.port ?? ''}`);
  }
  const state = resolve(values.state ?? stateFolder(process.env));
  return { state, port, timeScale, project: values.project, faults: values.faults };
};

const run = async (): Promise<void> => {
  const settings = readSettings();
  const unlock = lockFolder(settings.state);
  const over = new AbortController();
  try {
    const emulator = open(settings, () => over.abort());
    if (settings.faults !== undefined) emulator.faults.set(readFaults(settings.faults));
    const { port, endpoint } = await emulator.listen(settings.port);
    const { state, timeScale } = settings;
    const entry = {
      pid: process.pid,
      started: startOf(process.pid),
      port,
      endpoint,
      project: emulator.project,
      state,
      timeScale,
    };
    announce({ ...entry, startedAt: wallClock.now() });
    process.stdout.write(`${JSON.stringify({ endpoint, project: emulator.project, state, pid: process.pid })}\n`);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => over.abort());
    await idle(emulator, settings.state, over.signal);
    if (!holdsFolder(settings.state)) return; // its state was deleted with its folder and must not reappear
    removeRegistration(settings.state);
    await emulator.close();
  } finally {
    unlock();
  }
};

const open = ({ state, timeScale, project }: Settings, onShutdown: () => void): Emulator => {
  const folder = join(state, 'emulator');
  makeFolder(folder);
  return createEmulator({
    clock: scaledClock(timeScale, existsSync(folder) ? storedInstant(folder) : undefined),
    wall: wallClock,
    ids: systemIds,
    timeScale,
    stateFolder: folder,
    guests: simulatedGuests,
    secret: keptSecret(state),
    onShutdown,
    ...(project !== undefined && { project }),
  });
};

// Wall time: an emulator without traffic for half an hour is considered forgotten; one whose folder is gone, discarded.
const idle = async (emulator: Emulator, state: string, signal: AbortSignal): Promise<void> => {
  let seen = -1;
  let since = wallClock.monotonic();
  while (!signal.aborted && holdsFolder(state)) {
    const { requests, tunnels } = emulator.activity();
    if (requests !== seen || tunnels > 0) since = wallClock.monotonic();
    seen = requests;
    if (wallClock.monotonic() - since >= idleMs) return;
    await wallClock.sleep(lookEveryMs, signal).catch((error: unknown) => {
      if (!OperatorError.is(error, 'cancelled')) throw error;
    });
  }
};

run().then(
  () => process.exit(0),
  (error: unknown) => {
    const { message, remedy } = asOperatorError(error);
    process.stderr.write(`${message}\n${remedy === undefined ? '' : `${remedy}\n`}`);
    process.exit(1);
  },
);
