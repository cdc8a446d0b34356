import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { stopEmulator } from '../../src/emulator/process.ts';
import { openBrowser } from '../host/browser.ts';
import {
  extensionsFolder,
  installExtension,
  removeFolder,
  type Server,
  type Settings,
  startServer,
} from '../host/server.ts';
import { bareEnvironment, type Environment } from '../support/commandLine.ts';
import { copyState, packaged, type Prepared } from './prepared.ts';
import { shotsFolder } from './shots.ts';
import { Workbench } from './workbench.ts';

/** Initial conditions of a test. */
export interface StageOptions {
  readonly settings?: Settings;
  readonly trust?: 'off' | 'ask' | 'restricted';
  /** Folders of additional extensions. */
  readonly extensions?: readonly string[];
  /** Uses an emulator with this state, not started yet. Default: Google Cloud, without credentials. */
  readonly emulator?: Prepared;
}

/** One test's own VS Code with the packaged extension, home, and state folder. */
export interface Stage {
  readonly workbench: Workbench;
  readonly page: Page;
  readonly server: Server;
  /** Environment of the server; the command line uses the same state with it. */
  readonly env: Environment;
  readonly state: string;
  /** Another window of the same VS Code. */
  readonly secondWindow: () => Promise<Workbench>;
  /** Root of all these folders. */
  readonly folder: string;
}

/**
 * A test in a real VS Code. On failure it reports what the window
 * showed and keeps a screenshot and the logs in a folder.
 */
export const scene = (name: string, options: StageOptions, play: (stage: Stage) => Promise<void>): void => {
  test(name, async (t) => {
    const stage = await raise(t, options);
    try {
      await stage.workbench.open(stage.server.url());
      await play(stage);
    } catch (error) {
      const { folder, shown } = await keepEvidence(name, stage);
      const said = error instanceof Error ? error.message : String(error);
      throw new Error(`${said}\nSee ${folder}\nThe window showed:\n${shown}`, { cause: error });
    }
  });
};

const raise = async (t: TestContext, options: StageOptions): Promise<Stage> => {
  const undo = undoneInReverse(t);
  const folder = mkdtempSync(join(tmpdir(), 'tz-'));
  undo(() => removeFolder(folder));
  const { env, state } = await furnish(folder, options);
  undo(() => stopEmulator(state));
  const server = await startServer({
    version: 'newest',
    workspace: join(folder, 'work'),
    root: folder,
    env,
    trust: options.trust ?? 'off',
    settings: { ...(options.emulator !== undefined && { 'trizone.cloud': 'emulator' }), ...options.settings },
  });
  undo(() => server.stop());
  const { browser, page } = await openBrowser();
  undo(() => browser.close());
  const secondWindow = async (): Promise<Workbench> => {
    const second = new Workbench(await page.context().newPage());
    await second.open(server.url());
    return second;
  };
  return { workbench: new Workbench(page), page, server, env, state, secondWindow, folder };
};

// node:test runs its hooks in registration order: the folder would be removed before its users.
const undoneInReverse = (t: TestContext): ((end: () => unknown) => void) => {
  const ends: (() => unknown)[] = [];
  t.after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  return (end) => void ends.push(end);
};

const furnish = async (folder: string, o: StageOptions): Promise<{ env: Environment; state: string }> => {
  const state = join(folder, 'state');
  for (const name of ['home', 'work', 'tmp', 'run']) mkdirSync(join(folder, name), { mode: 0o700 });
  // Before the first installation: VS Code then treats what it finds in the folder as installed.
  mkdirSync(extensionsFolder(folder));
  for (const other of o.extensions ?? []) symlinkSync(other, join(extensionsFolder(folder), basename(other)));
  await installExtension('newest', folder, (await packaged()).vsix);
  await copyState(o.emulator ?? 'empty', state);
  const home = bareEnvironment(join(folder, 'home'));
  const env = { ...home, TRIZONE_STATE: state, TMPDIR: join(folder, 'tmp'), XDG_RUNTIME_DIR: join(folder, 'run') };
  return { env, state };
};

const keepEvidence = async (name: string, { server, page }: Stage): Promise<{ folder: string; shown: string }> => {
  const folder = join(shotsFolder, `failed-${name.replace(/\W+/g, '-')}`);
  mkdirSync(folder, { recursive: true });
  // The page itself may be broken.
  await page.screenshot({ path: join(folder, 'page.png') }).catch(() => undefined);
  const shown = await page
    .locator('body')
    .ariaSnapshot()
    .catch((error: unknown) => String(error));
  writeFileSync(join(folder, 'page.txt'), shown);
  writeFileSync(join(folder, 'extensionHost.log'), server.logs('remoteexthost.log'));
  writeFileSync(join(folder, 'trizone.log'), server.logs('Trizone*.log'));
  return { folder, shown: shown.slice(0, 6000) };
};
