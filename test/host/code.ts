#!/usr/bin/env node
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { wallClock } from '../../src/lib/clock.ts';
import { withDeadline } from '../../src/lib/deadline.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { openBrowser } from './browser.ts';
import { type VersionName, serverVersions } from './install.ts';
import { removeFolder, type Server, startServer } from './server.ts';

// Replacement for the desktop VS Code executable: takes the arguments of @vscode/test-electron, runs the tests in the
// extension host of a VS Code server, and exits with their exit code.

const limitMs = 10 * 60_000;

const readWords = (): { extensions: string[]; tests: string } => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    strict: false,
    allowPositionals: true,
    options: { extensionDevelopmentPath: { ...text, multiple: true }, extensionTestsPath: text },
  });
  if (typeof values.extensionTestsPath !== 'string')
    throw new OperatorError('invalid-input', 'Only runs of tests are supported');
  return { extensions: (values.extensionDevelopmentPath ?? []).map(String), tests: values.extensionTestsPath };
};

const version = (): VersionName => {
  const name = process.env.VSCODE_HOST ?? 'newest';
  if (!Object.hasOwn(serverVersions, name)) throw new OperatorError('invalid-input', `No such version: ${name}`);
  return name as VersionName;
};

const main = async (): Promise<number> => {
  const words = readWords();
  const root = mkdtempSync(join(tmpdir(), 'tz-'));
  process.once('exit', () => removeFolder(root));
  for (const name of ['home', 'work', 'tmp', 'run', 'state']) mkdirSync(join(root, name), { mode: 0o700 });
  const env = {
    ...process.env,
    HOME: join(root, 'home'),
    TMPDIR: join(root, 'tmp'),
    XDG_RUNTIME_DIR: join(root, 'run'),
    TRIZONE_STATE: join(root, 'state'),
  };
  const server = await startServer({ version: version(), workspace: join(root, 'work'), root, env, testDriver: true });
  const { browser, page } = await openBrowser();
  try {
    const late = (): OperatorError => new OperatorError('timeout', `No result of the tests after ${limitMs} ms`);
    return await withDeadline(wallClock, limitMs, undefined, late, () => runIn(page, server, words));
  } finally {
    await browser.close();
    await server.stop();
  }
};

// The workbench calls these two functions of the page when its URL names tests.
const runIn = async (
  page: Page,
  server: Server,
  { extensions, tests }: ReturnType<typeof readWords>,
): Promise<number> => {
  const seen = { closingLine: false };
  await page.exposeFunction('codeAutomationLog', (_type: string, words: unknown[]) => {
    const line = format(...words);
    seen.closingLine ||= /^\s*\d+ passing\b/m.test(line);
    if (!noise.test(line)) console.log(line);
  });
  const ended = new Promise<number>((resolve, reject) => {
    const gone = (): void => reject(new OperatorError('internal', 'The page of the workbench is gone'));
    page.once('crash', gone);
    page.once('close', gone);
    void page.exposeFunction('codeAutomationExit', resolve);
  });
  const payload: [string, string][] = [
    ...extensions.map((path): [string, string] => ['extensionDevelopmentPath', server.remote(path)]),
    ['extensionTestsPath', server.remote(tests)],
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  await page.goto(server.url(payload));
  const code = await ended;
  // A crashed extension host is reported as 0.
  if (code === 0 && !seen.closingLine)
    throw new OperatorError('internal', 'The extension host ended before its tests did');
  return code;
};

// The workbench's own lines.
const noise = /^(%c|\[|(Resolv|Creat)ing |Resolved connection|Creating a socket|Ignoring fetching)/;

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
