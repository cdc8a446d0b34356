import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeFileAtomic } from '../../src/lib/atomicFile.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { withDeadline } from '../../src/lib/deadline.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { installedServer, type InstalledServer, type VersionName } from './install.ts';

/** Settings of VS Code by name. */
export type Settings = Readonly<Record<string, unknown>>;

/** How a server is to run. */
export interface ServerOptions {
  readonly version: VersionName;
  /** Folder that is opened. */
  readonly workspace: string;
  /** Folder of the server's own files (settings, extensions, logs). Its path is short: sockets have 108 characters. */
  readonly root: string;
  /** All variables of the server, its extension hosts and terminals. */
  readonly env: NodeJS.ProcessEnv;
  /** Written on first use of `root`, over the quiet ones. */
  readonly settings?: Settings;
  /** `off`: every folder is trusted. `ask`: as VS Code comes. `restricted`: nothing is trusted and nobody is asked. */
  readonly trust?: 'off' | 'ask' | 'restricted';
  /** Lets the page's address name tests that the extension host runs; hides notifications, refuses dialogs. */
  readonly testDriver?: boolean;
  /** 0: a free one. */
  readonly port?: number;
}

/** A running server. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Address of the workbench; `payload` is what only a test driver may say. */
  url(payload?: readonly (readonly [string, string])[]): string;
  /** The name of a path of this computer as the workbench knows it. */
  remote(path: string): string;
  /** Changes settings of the running VS Code, as a person does in the file. */
  change(settings: Settings): void;
  /** What the server and its extension hosts wrote to files whose name fits the pattern, in the order of their names. */
  logs(pattern: string): string;
  /** Resolves when the server has ended, by itself or not. */
  readonly ended: Promise<void>;
  /** Ends the server and everything that it started. */
  stop(): Promise<void>;
}

const startMs = 60_000;
const stopMs = 5_000;

// Hides what is not ours and what would reach for the network.
const quiet: Settings = {
  'chat.disableAIFeatures': true,
  'chat.agentHost.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.autofetch': false,
  'git.openRepositoryInParentFolders': 'never',
  'json.schemaDownload.enable': false,
  'npm.fetchOnlinePackageInfo': false,
  'remote.autoForwardPorts': false,
  'telemetry.telemetryLevel': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  'update.mode': 'none',
  'window.menuBarVisibility': 'compact',
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on', // pictures are whole, and steps quick
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Starts a VS Code server on 127.0.0.1. It ends with this process at the latest. */
export const startServer = async (options: ServerOptions): Promise<Server> => {
  const programs = await installedServer(options.version);
  firstSettings(options);
  const child = spawn(programs.node, [programs.main, ...folders(options.root), ...words(options)], {
    cwd: options.root,
    env: environment(options.env),
    detached: true, // a process group of its own, which is ended as a whole
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => signalGroup(child, 'SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    await end(child);
    process.off('exit', kill);
  };
  try {
    return describe(child, await readPort(child), options, stop);
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Installs a packaged extension as `code --install-extension` does. */
export const installExtension = async (version: VersionName, root: string, vsix: string): Promise<void> => {
  const { node, main }: InstalledServer = await installedServer(version);
  mkdirSync(root, { recursive: true });
  await promisify(execFile)(node, [main, ...folders(root), '--install-extension', vsix], {
    env: environment(process.env),
  });
};

/** Where a server of this root looks for extensions. */
export const extensionsFolder = (root: string): string => join(root, 'extensions');

const folders = (root: string): string[] => [
  '--accept-server-license-terms',
  ...['--server-data-dir', join(root, 'data')],
  ...['--extensions-dir', extensionsFolder(root)],
];

const words = ({ port, trust, testDriver }: ServerOptions): string[] => [
  ...['--host', '127.0.0.1', '--port', String(port ?? 0), '--without-connection-token'],
  ...['--telemetry-level', 'off', '--disable-telemetry', '--disable-experiments', '--force-disable-user-env'],
  ...['--reconnection-grace-time', '1'],
  ...(trust === undefined || trust === 'off' ? ['--disable-workspace-trust'] : []),
  ...(testDriver === true ? ['--enable-smoke-test-driver'] : []),
];

// Nothing of a VS Code around us may reach the server, and the gallery is not asked.
const environment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(VSCODE_(?!TEST_OPTIONS)|ELECTRON_|NODE_OPTIONS$)/.test(name)),
  ),
  EXTENSIONS_GALLERY: '{}',
});

// The workbench reads its settings in one file, and those of scope "machine" in the other.
const settingsFile = (root: string, place: 'User' | 'Machine'): string =>
  join(root, 'data', 'data', place, 'settings.json');

// What a person changed in an earlier run stays.
const firstSettings = ({ root, settings, trust }: ServerOptions): void => {
  if (existsSync(settingsFile(root, 'User'))) return;
  const silent = { ...quiet, ...(trust === 'restricted' && { 'security.workspace.trust.startupPrompt': 'never' }) };
  mergeSettings(settingsFile(root, 'User'), { ...silent, ...settings });
  mergeSettings(settingsFile(root, 'Machine'), settings ?? {});
};

const mergeSettings = (file: string, more: Settings): void => {
  const now = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Settings) : {};
  writeFileAtomic(file, JSON.stringify({ ...now, ...more }, null, 2));
};

const readPort = (child: ChildProcess): Promise<number> => {
  let said = '';
  const late = (): OperatorError => new OperatorError('timeout', `The VS Code server did not start: ${said}`);
  return withDeadline(
    wallClock,
    startMs,
    undefined,
    late,
    () =>
      new Promise<number>((resolve, reject) => {
        const read = (text: Buffer): void => {
          said += text.toString();
          const port = /Web UI available at http:\/\/[^:]+:(\d+)/.exec(said)?.[1];
          if (port !== undefined) resolve(Number(port));
        };
        child.stdout?.on('data', read);
        child.stderr?.on('data', read);
        child.once('error', reject);
        child.once('exit', () => reject(late()));
      }),
  );
};

const describe = (child: ChildProcess, port: number, options: ServerOptions, stop: () => Promise<void>): Server => ({
  pid: child.pid ?? 0,
  port,
  ended: new Promise((resolve) => child.once('exit', () => resolve())),
  url: (payload) => {
    const query = new URLSearchParams({ folder: options.workspace });
    if (payload !== undefined) query.set('payload', JSON.stringify(payload));
    return `http://127.0.0.1:${port}/?${query.toString()}`;
  },
  remote: (path) => `vscode-remote://127.0.0.1:${port}${path}`,
  change: (settings) => {
    for (const place of ['User', 'Machine'] as const) mergeSettings(settingsFile(options.root, place), settings);
  },
  logs: (pattern) =>
    globSync(join(options.root, 'data', 'data', 'logs', '**', pattern))
      .sort()
      .map((file) => readFileSync(file, 'utf8'))
      .join(''),
  stop,
});

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    signalGroup(child, 'SIGTERM');
    const late = (): OperatorError => new OperatorError('timeout', 'The VS Code server does not end');
    await withDeadline(wallClock, stopMs, undefined, late, () => gone).catch(() => undefined);
  }
  signalGroup(child, 'SIGKILL'); // whoever did not listen
};

const signalGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Removes a throw-away folder into which ended processes may still have been writing. */
export const removeFolder = (path: string): void =>
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
