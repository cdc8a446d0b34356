import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { lockFolder } from '../../src/emulator/registry.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { poll, withDeadline } from '../../src/lib/deadline.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';

/** A VS Code server from npm: `codeServer` 4.x contains VS Code 1.x and needs exactly this Node. */
export interface ServerVersion {
  readonly codeServer: string;
  readonly node: string;
}

/** The newest tested VS Code, and the oldest that `engines.vscode` allows. */
export const serverVersions = {
  newest: { codeServer: '4.139.1', node: '24.21.0' },
  floor: { codeServer: '4.110.0', node: '22.23.3' },
} as const satisfies Record<string, ServerVersion>;

/** Name of a version. */
export type VersionName = keyof typeof serverVersions;

/** Programs of an installed server. */
export interface InstalledServer {
  readonly node: string;
  readonly main: string;
}

const run = promisify(execFile);
const installMs = 15 * 60_000;

/** Folder outside the checkout for large, unchanging files: `$TRIZONE_CACHE`, else the user's cache. */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  env.TRIZONE_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'trizone');

/** The server of a version: installed once per computer; of two concurrent installations, one waits for the other. */
export const installedServer = async (name: VersionName): Promise<InstalledServer> => {
  const version = serverVersions[name];
  const folder = installedFolder(name);
  if (existsSync(folder)) return programs(folder);
  checkComputer(name);
  const unlock = await lock(join(cacheFolder(), 'installing'), folder);
  try {
    if (!existsSync(folder)) await install(version, folder);
  } finally {
    unlock();
  }
  return programs(folder);
};

/** Folder of a version, installed or not. */
export const installedFolder = (name: VersionName): string =>
  join(cacheFolder(), `vscode-server-${serverVersions[name].codeServer}-${process.arch}`);

/** Reason why there is no server and none can be installed here; undefined if there is or can be one. */
export const whyNoServer = (name: VersionName): string | undefined => {
  if (existsSync(installedFolder(name))) return undefined;
  if (process.platform !== 'linux') return 'the VS Code server is set up on Linux only';
  const missing = ['npm', 'python3', 'make', 'g++'].filter((program) => findProgram(program) === undefined);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')} (for compiling VS Code's log module)`;
};

/** Full path of a program on the PATH. */
export const findProgram = (name: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

const checkComputer = (name: VersionName): void => {
  const reason = whyNoServer(name);
  if (reason !== undefined) throw new OperatorError('invalid-input', `Cannot install the VS Code server: ${reason}`);
};

const programs = (folder: string): InstalledServer => ({
  node: join(nodeHome(folder), 'bin', 'node'),
  main: join(vscodeOf(folder), 'out', 'server-main.js'),
});

const nodeHome = (folder: string): string => join(folder, 'node_modules', `node-linux-${process.arch}`);
const vscodeOf = (folder: string): string => join(folder, 'node_modules', 'code-server', 'lib', 'vscode');

// Replaces the lock of a dead process; after a wait there is nothing left to do.
const lock = (path: string, done: string): Promise<() => void> => {
  const late = (): OperatorError => new OperatorError('timeout', `Another process installs for too long: ${path}`);
  return withDeadline(wallClock, installMs, undefined, late, (signal) =>
    poll(wallClock, 500, signal, () => Promise.resolve(existsSync(done) ? () => undefined : tryLock(path))),
  );
};

const tryLock = (path: string): (() => void) | undefined => {
  try {
    return lockFolder(path);
  } catch (error) {
    if (OperatorError.is(error, 'emulator')) return undefined;
    throw error;
  }
};

// Installs into a temporary folder and renames it when complete: an existing folder is complete.
const install = async (version: ServerVersion, folder: string): Promise<void> => {
  const aside = `${folder}.${process.pid}`;
  console.error(`Installing VS Code 1${version.codeServer.slice(1)} (server) into ${folder}: once, about a minute …`);
  try {
    await download(version, aside);
    await compile(aside);
    prune(vscodeOf(aside));
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
};

const download = async ({ codeServer, node }: ServerVersion, folder: string): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  await npm(folder, ['install', '--ignore-scripts', `node-linux-${process.arch}@${node}`, `code-server@${codeServer}`]);
  // Not `npm ci`: the shipped lock file is out of sync with its own package.json.
  await npm(vscodeOf(folder), ['install', '--omit=dev', '--ignore-scripts'], nodeHome(folder));
};

// Without the log module, output channels stay empty. Newer versions ship the terminal's module compiled.
const compile = async (folder: string): Promise<void> => {
  const modules = join(vscodeOf(folder), 'node_modules');
  const terminal = join(modules, 'node-pty', 'prebuilds', `linux-${process.arch}`, 'pty.node');
  const native = ['@vscode/spdlog', '@vscode/native-watchdog', ...(existsSync(terminal) ? [] : ['node-pty'])];
  // Explicit, because the user's npm may be configured to ignore
  // scripts; it would then build nothing and report success.
  await npm(vscodeOf(folder), ['rebuild', '--ignore-scripts=false', ...native], nodeHome(folder));
  const search = join(modules, '@vscode', 'ripgrep', 'bin', 'rg');
  if (!existsSync(dirname(dirname(search))) || existsSync(search)) return;
  await npm(folder, ['install', '--ignore-scripts', '@vscode/ripgrep-universal@1.18.0']);
  cpSync(join(folder, 'node_modules', '@vscode', 'ripgrep-universal', 'bin', `linux-${process.arch}`, 'rg'), search);
};

// No test and no trial needs this third of the server.
const prune = (vscode: string): void => {
  for (const part of ['extensions/copilot', 'node_modules/@github', 'node_modules/@microsoft/mxc-sdk'])
    rmSync(join(vscode, part), { recursive: true, force: true });
};

const npm = async (cwd: string, words: readonly string[], node?: string): Promise<void> => {
  const path =
    node === undefined ? {} : { PATH: `${join(node, 'bin')}:${process.env.PATH ?? ''}`, npm_config_nodedir: node };
  const env = { ...process.env, npm_config_yes: 'true', JOBS: 'max', ...path };
  try {
    await run('npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd,
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new OperatorError('internal', `npm ${words[0] ?? ''} failed in ${cwd}: ${said.trim().slice(-2000)}`, {
      cause: error,
    });
  }
};
