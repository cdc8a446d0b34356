import { execFile, type ExecFileException } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './engineWorld.ts';

/** The command line as it ships. */
export const program = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

/** Exit code and output of a process. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Environment of a process. */
export type Environment = Readonly<Record<string, string>>;

/** Runs a program to its end; a nonzero exit code is a result, not an error. */
export const run = (file: string, args: readonly string[], env: Environment): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      { env, maxBuffer: 64 * 1024 * 1024 },
      (error: ExecFileException | null, out, err) => {
        // A string is the operating system's code: the program could not be started.
        if (error !== null && typeof error.code === 'string')
          reject(new Error(`Cannot run ${file}: ${error.code}`, { cause: error }));
        else resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err });
      },
    );
    child.stdin?.end();
  });

/** `trizone` as it ships. */
export const trizone = (args: readonly string[], env: Environment): Promise<Ended> =>
  run(process.execPath, [program, ...args], env);

/** Puts the shipped `trizone` into a folder, for scripts that find it through PATH. */
export const placeProgram = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  const text = `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`;
  writeFileSync(join(folder, 'trizone'), text, { mode: 0o755 });
};

/**
 * An isolated home: no gcloud configuration, no kubeconfig, no state.
 * Shares the compile cache: hundreds of processes load the program.
 */
export const bareEnvironment = (home: string): Environment => {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  return { HOME: home, PATH, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) };
};

/** The variables of a shell after `. <state>/env.sh`. */
export const readEnvFile = (path: string): Environment =>
  Object.fromEntries(
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const match = /^export (\w+)='(.*)'$/.exec(line);
        return match?.[1] === undefined ? [] : [[match[1], match[2] ?? '']];
      }),
  );

/** An emulator process of the shipped program, and the environment that points to it. Ended with the test. */
export const emulatorProcess = async (
  t: TestContext,
  timeScale: number,
  more: readonly string[] = [],
): Promise<{ env: Environment; home: string; state: string; pid: number; endpoint: string }> => {
  const home = temporaryFolder(t);
  const state = join(home, 'state');
  const bare = bareEnvironment(home);
  const started = await trizone(['emulator', '--state', state, '--time-scale', String(timeScale), ...more], bare);
  if (started.code !== 0) throw new Error(`The emulator did not start: ${started.err}`);
  const { pid, endpoint } = JSON.parse(started.out) as { pid: number; endpoint: string };
  t.after(() => {
    process.kill(pid);
  });
  return {
    env: { ...bare, ...readEnvFile(join(state, 'env.sh')), KUBECONFIG: join(home, 'kubeconfig') },
    home,
    state,
    pid,
    endpoint,
  };
};

/** Looks for a reference program: on a laptop it may be missing and the test is skipped by name; in CI it is required. */
export const judge = async (t: TestContext, name: string): Promise<boolean> => {
  const found = await run(name, ['version'], { ...process.env } as Environment).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && error.message.endsWith('ENOENT')) return false;
      throw error;
    },
  );
  if (found) return true;
  if (process.env.CI === 'true') throw new Error(`${name} is not installed: the conformance tier needs it`);
  t.skip(`${name} is not installed`);
  return false;
};
