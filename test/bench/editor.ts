import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './bundles.ts';
import type { Row } from './run.ts';

const root = join(import.meta.dirname, '..', '..');
const rounds = 7;

const kilobytes = (file: string): string => `${(statSync(file).size / 1000).toFixed(0)} KB`;

/** The editor's load: sizes, and activation time in a real extension host. */
export const editor = (): Row[] => [
  ['extension.js', kilobytes(join(root, 'dist', 'extension.js')), 'goal ≤ 200 KB'],
  ['deferred.js, loaded at the first command', kilobytes(join(root, 'dist', 'deferred.js')), ''],
  ['cloudAccess.js, loaded at the first look', kilobytes(join(root, 'dist', 'cloudAccess.js')), ''],
  ['VSIX', packageSize(), 'goal ≤ 2 MB'],
  ['activation in the extension host', `${activationMs().toFixed(1)} ms`, 'goal ≤ 30 ms'],
];

const packageSize = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-bench-'));
  try {
    const file = join(folder, 'trizone.vsix');
    execFileSync('npm', ['run', 'package', '--silent', '--', '--out', file], { cwd: root, stdio: 'ignore' });
    return `${(statSync(file).size / 1e6).toFixed(2)} MB`;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

// Parses the output of the invariant 9 test; each round is a new VS Code.
const activationMs = (): number => {
  execFileSync('node', ['esbuild.js', 'tests'], { cwd: root, stdio: 'ignore' });
  const env = { ...process.env, VSCODE_EXECUTABLE: join(root, 'test', 'host', 'code.ts') };
  const words = ['--run', join(root, 'dist', 'test', 'host', 'activation.test.js')];
  const times = Array.from({ length: rounds }, () => {
    const said = execFileSync('vscode-test', words, { cwd: root, env, encoding: 'utf8' });
    return Number(/activation took ([\d.]+) ms/.exec(said)?.[1]);
  });
  return median(times);
};
