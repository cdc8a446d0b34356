import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bareEnvironment, readEnvFile, trizone } from '../support/commandLine.ts';
import { removeFolder } from '../host/server.ts';

/** Names the folder shared by the tests of a run; if unset, a test process creates its own. */
export const sharedVariable = 'TRIZONE_E2E_SHARED';

/** Initial state of a test's emulator: empty, or the article's first cluster. */
export type Prepared = 'empty' | 'firstCluster';

// A simulated minute takes 0.6 s; at ten times that speed, a busy computer exceeds the cluster's own deadlines.
const timeScale = '0.01';

const ownFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-e2e-'));
  process.once('exit', () => removeFolder(folder));
  process.env[sharedVariable] = folder;
  return folder;
};

/** Builds something once per run; an existing one is complete, whichever process built it. */
const once = async (name: string, make: (path: string) => Promise<void>): Promise<string> => {
  const path = join(process.env[sharedVariable] ?? ownFolder(), name);
  if (existsSync(path)) return path;
  const aside = mkdtempSync(`${path}.`);
  try {
    await make(aside);
    renameSync(aside, path);
  } finally {
    removeFolder(aside);
  }
  return path;
};

/** The extension as it ships: the packaged file, and the packaging's output. */
export const packaged = async (): Promise<{ vsix: string; output: string }> => {
  const folder = await once('package', async (path) => {
    const words = ['run', 'package', '--silent', '--', '--out', join(path, 'trizone.vsix')];
    const { stdout, stderr } = await promisify(execFile)('npm', words, { maxBuffer: 16 * 1024 * 1024 });
    writeFileSync(join(path, 'output.txt'), stdout + stderr);
  });
  return { vsix: join(folder, 'trizone.vsix'), output: join(folder, 'output.txt') };
};

/** Builds everything: for parallel tests, before the first of them starts. */
export const prepareAll = async (): Promise<void> => {
  await packaged(); // also builds the command line
  await once('firstCluster', firstCluster);
};

/** Copies the state of a prepared, stopped emulator to a test's folder. */
export const copyState = async (prepared: Prepared, to: string): Promise<void> => {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  if (prepared === 'empty') return;
  await packaged(); // also builds the command line
  cpSync(await once(prepared, firstCluster), to, { recursive: true });
};

// Created by the real command line, as a user would.
const firstCluster = async (state: string): Promise<void> => {
  const bare = bareEnvironment(state);
  await must(['emulator', '--state', state, '--time-scale', timeScale], bare);
  try {
    await must(['up', '--zone', 'europe-west1-b', '--yes'], { ...bare, ...readEnvFile(join(state, 'env.sh')) });
  } finally {
    await must(['emulator', 'stop', '--state', state], bare);
  }
};

const must = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> => {
  const { code, err } = await trizone(args, env);
  if (code !== 0) throw new Error(`trizone ${args.join(' ')} failed: ${err}`);
};
