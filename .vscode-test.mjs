import { resolve } from 'node:path';
import { env } from 'node:process';
import { defineConfig } from '@vscode/test-cli';

// VSCODE_EXECUTABLE: a program that stands in for VS Code (test/host/code.ts). Else VSCODE_VERSION is downloaded.
const { VSCODE_EXECUTABLE: program, VSCODE_VERSION: version = 'stable' } = env;

export default defineConfig({
  // Activation happens once per run: what tests it goes first.
  files: ['dist/test/host/activation.test.js', 'dist/test/host/*.test.js'],
  launchArgs: ['--disable-extensions'],
  ...(program ? { useInstallation: { fromPath: resolve(program) } } : { version }),
  mocha: { ui: 'bdd', timeout: 60_000, failZero: true },
});
