import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Count, sum } from '../support/count.ts';
import { whyNoBrowser } from './browser.ts';
import { serverVersions, whyNoServer } from './install.ts';

const root = join(import.meta.dirname, '..', '..');

/** Reason why no VS Code server can be driven here; undefined if one can. */
export const whyNoServerHost = (): string | undefined => whyNoServer('newest') ?? whyNoBrowser();

// Version of desktop VS Code to download; undefined: the server's.
const desktop = (): string | undefined =>
  process.env.VSCODE_VERSION || (process.platform === 'linux' ? undefined : 'stable');

/** Reason why the host tests cannot run here. */
export const whyNoHostTests = (): string | undefined =>
  desktop() === undefined ? (whyNoServer('floor') ?? whyNoServerHost()) : undefined;

/**
 * Runs test/host inside extension hosts: the server's, on the newest and the oldest supported version; or, if
 * VSCODE_VERSION is set ("stable", "1.110.0") or there is no server, in a downloaded desktop VS Code.
 */
export const runHostTests = async (): Promise<Count> => {
  await finished('node', ['esbuild.js', 'tests'], {});
  const version = desktop();
  const runs =
    version === undefined
      ? Object.keys(serverVersions).map((name) => ({
          VSCODE_EXECUTABLE: join(root, 'test/host/code.ts'),
          VSCODE_HOST: name,
        }))
      : [{ VSCODE_VERSION: version }];
  const counts: Count[] = [];
  for (const env of runs) counts.push(await runOnce(env));
  return sum(...counts);
};

const runOnce = async (env: Readonly<Record<string, string>>): Promise<Count> => {
  console.log(`In the extension host of ${env.VSCODE_HOST ?? env.VSCODE_VERSION ?? ''}:`);
  const { code, said } = await finished('vscode-test', [], env);
  return countMocha(said, code);
};

/**
 * Reads mocha's summary. A run without it, or with an exit code that it does
 * not explain, has failed: a crashed extension host may exit with 0.
 */
export const countMocha = (said: string, code: number | null): Count => {
  const number = (what: string): number => Number(new RegExp(`^\\s*(\\d+) ${what}\\b`, 'm').exec(said)?.[1] ?? 0);
  const count = { passed: number('passing'), failed: number('failing'), skipped: number('pending') };
  const explained = count.passed > 0 && (code === 0) === (count.failed === 0);
  return explained ? count : { ...count, failed: count.failed + 1 };
};

/** Runs a program to its end; its output is shown and returned. */
const finished = (
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; said: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      process.stdout.write(text);
      said += text.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
