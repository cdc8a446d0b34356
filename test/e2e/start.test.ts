import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { isAlive } from '../../src/lib/processes.ts';
import { openBrowser } from '../host/browser.ts';
import { installedFolder, installedServer } from '../host/install.ts';
import { removeFolder } from '../host/server.ts';
import { bareEnvironment, type Environment, trizone } from '../support/commandLine.ts';
import { packaged } from './prepared.ts';
import { Workbench } from './workbench.ts';

const script = join(import.meta.dirname, '..', 'host', 'start.ts');

/** A home whose cache contains the server and nothing else. */
const freshHome = async (folder: string): Promise<Environment> => {
  await installedServer('newest');
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  symlinkSync(installedFolder('newest'), join(cache, basename(installedFolder('newest'))));
  return { ...bareEnvironment(folder), TRIZONE_CACHE: cache, TRIZONE_STATE: join(folder, 'state'), TMPDIR: folder };
};

/** The address that it prints, which means that it is ready. */
const address = async (child: ChildProcess): Promise<string> => {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\S+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('npm start ended without an address');
};

/** Processes whose environment names the folder: everything started from there, even if detached. */
const startedFrom = (folder: string): string[] =>
  globSync('/proc/[0-9]*/environ').filter((file) => {
    try {
      return readFileSync(file, 'utf8').includes(folder) && isAlive(Number(file.split('/')[2]));
    } catch {
      return false; // it has ended, or is not ours to read
    }
  });

test('npm start: VS Code with the extension, and after Ctrl+C no process is left, the emulator neither', async (t) => {
  await packaged(); // builds
  const folder = mkdtempSync(join(tmpdir(), 'tz-'));
  const env = await freshHome(folder);
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const url = await address(child);
  const { browser, page } = await openBrowser();
  t.after(() => browser.close());
  t.after(() => removeFolder(folder)); // after its users
  const workbench = new Workbench(page);
  await workbench.open(url);
  await workbench.openContainer('Trizone');
  await workbench.view('Clusters').waitFor();
  assert.equal((await trizone(['emulator'], env)).code, 0);
  assert.ok(startedFrom(folder).length >= 4, 'itself, server, extension host, emulator');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  assert.equal(await ended, 0);
  assert.deepEqual(startedFrom(folder), []);
});
