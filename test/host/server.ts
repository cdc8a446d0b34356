import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeFileAtomic } from '../../src/lib/atomicFile.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { withDeadline } from '../../src/lib/deadline.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { installedServer, type InstalledServer, type VersionName } from './install.ts';

/** VS Code settings by name. */
export type Settings = Readonly<Record<string, unknown>>;

/** Options of a server. */
export interface ServerOptions {
  readonly version: VersionName;
  /** Folder to open. */
  readonly workspace: string;
  /**
   * Folder of the server's own files (settings, extensions, logs). Keep
   * its path short: socket paths are limited to 108 characters.
   */
  readonly root: string;
  /** Complete environment of the server, its extension hosts, and terminals. */
  readonly env: NodeJS.ProcessEnv;
  /** Written on first use of `root`, over the quiet defaults. */
  readonly settings?: Settings;
  /** `off`: every folder is trusted. `ask`: VS Code's default. `restricted`: nothing is trusted, without a prompt. */
  readonly trust?: 'off' | 'ask' | 'restricted';
  /** Lets the page's URL name tests to run in the extension host; hides notifications, refuses dialogs. */
  readonly testDriver?: boolean;
  /** 0: any free port. */
  readonly port?: number;
}

/** A running server. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** URL of the workbench; only a test driver may pass a `payload`. */
  url(payload?: readonly (readonly [string, string])[]): string;
  /** The workbench's name for a path of this computer. */
  remote(path: string): string;
  /** Changes settings of the running VS Code, as a user does in the file. */
  change(settings: Settings): void;
  /** Contents of the log files of the server and its extension hosts whose names match the pattern, ordered by name. */
  logs(pattern: string): string;
  /** Resolves when the server has ended, for any reason. */
  readonly ended: Promise<void>;
  /** Ends the server and all its child processes. */
  stop(): Promise<void>;
}

const startMs = 60_000;
const stopMs = 5_000;

// Hides everything that is not ours or would use the network.
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
  'workbench.reduceMotion': 'on', // complete screenshots, fast steps
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
    detached: true, // a separate process group, which is ended as a whole
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

/** Installs a packaged extension like `code --install-extension`. */
export const installExtension = async (version: VersionName, root: string, vsix: string): Promise<void> => {
  const { node, main }: InstalledServer = await installedServer(version);
  mkdirSync(root, { recursive: true });
  await promisify(execFile)(node, [main, ...folders(root), '--install-extension', vsix], {
    env: environment(process.env),
  });
};

/** Folder in which a server of this root looks for extensions. */
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

// Removes all variables of a surrounding VS Code, and disables the gallery.
const environment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(VSCODE_(?!TEST_OPTIONS)|ELECTRON_|NODE_OPTIONS$)/.test(name)),
  ),
  EXTENSIONS_GALLERY: '{}',
});

// The workbench reads its settings from one file, and those of scope "machine" from the other.
const settingsFile = (root: string, place: 'User' | 'Machine'): string =>
  join(root, 'data', 'data', place, 'settings.json');

// Keeps the user's changes from earlier runs.
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
  signalGroup(child, 'SIGKILL'); // processes that ignored the first signal
};

const signalGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Removes a temporary folder that ended processes may still have been writing to. */
export const removeFolder = (path: string): void =>
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
