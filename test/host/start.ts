import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findEmulator, stopEmulator } from '../../src/emulator/process.ts';
import { stateFolder } from '../../src/lib/stateFolder.ts';
import { isFree } from '../support/freePort.ts';
import { cacheFolder, findProgram, whyNoServer } from './install.ts';
import { extensionsFolder, type Server, startServer } from './server.ts';

// `npm start`: VS Code with this checkout as an installed extension, to try out manually.

const checkout = join(import.meta.dirname, '..', '..');

// The same port each time if it is free: browsers store state by address.
const firstPort = 8787;

/** Settings, storage, and the opened folder survive; each checkout has its own. */
const ownRoot = (): string => {
  const root = join(cacheFolder(), `start-${createHash('sha256').update(checkout).digest('hex').slice(0, 8)}`);
  mkdirSync(join(root, 'work'), { recursive: true });
  return root;
};

// A link, so that a rebuild and a window reload show changes. Forces VS Code to rescan its extensions.
const linkExtension = (root: string): void => {
  for (const known of [extensionsFolder(root), join(root, 'data', 'data', 'CachedProfilesData')])
    rmSync(known, { recursive: true, force: true });
  mkdirSync(extensionsFolder(root), { recursive: true });
  symlinkSync(checkout, join(extensionsFolder(root), 'trizone.trizone'));
};

const firstFree = async (port: number): Promise<number> => ((await isFree(port)) ? port : firstFree(port + 1));

const start = async (): Promise<Server> => {
  const root = ownRoot();
  linkExtension(root);
  // Terminals in it are not part of this npm run.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const port = await firstFree(firstPort);
  return startServer({ version: 'newest', workspace: join(root, 'work'), root, env, port });
};

const tell = (url: string): void => {
  console.log(
    [
      '',
      `VS Code with Trizone: ${url}`,
      '',
      'Choose the Trizone icon in the activity bar, then "Try It Without an Account".',
      'Ctrl+C ends it, with the emulator if that was started from there. What was made is kept for the next time.',
    ].join('\n'),
  );
};

const openDefaultBrowser = (url: string): void => {
  const screen = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const program = findProgram('xdg-open');
  if (screen && program !== undefined) spawn(program, [url], { detached: true, stdio: 'ignore' }).unref();
};

const asked = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });

const main = async (): Promise<number> => {
  const reason = whyNoServer('newest');
  if (reason !== undefined) {
    console.error(`npm start opens VS Code in a browser, which is not possible here: ${reason}.`);
    console.error('Instead: open this folder in VS Code on the desktop and press F5.');
    return 1;
  }
  const state = stateFolder(process.env);
  const before = await findEmulator(state);
  const stop = asked();
  const server = await start();
  tell(server.url());
  openDefaultBrowser(server.url());
  const end = await Promise.race([stop.then(() => 'asked' as const), server.ended.then(() => 'gone' as const)]);
  await server.stop();
  if (before === undefined) await stopEmulator(state);
  if (end === 'gone') console.error('The VS Code server has ended.');
  return end === 'asked' ? 0 : 1;
};

process.exitCode = await main();
