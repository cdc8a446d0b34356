import assert from 'node:assert/strict';
import { spawnSync, type StdioOptions } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { prelude } from '../../src/boot/parts/prelude.ts';

/** What the console shows when the script's own functions run these lines; the tool does nothing, a pause takes no time. */
const consoleOf = (lines: string): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-prelude-'));
  try {
    writeFileSync(join(folder, 'cloud'), '#!/bin/sh\n', { mode: 0o700 });
    const own = prelude.replaceAll('/usr/local/lib/trizone', folder).replaceAll('/var/log', folder);
    const script = `set -Eeuo pipefail\n${own}\nsleep() { SECONDS=$((SECONDS + $1)); }\n${lines}`;
    // With a socket as its input bash takes itself for a login by network, and reads the person's .bashrc.
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
    const { status, stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', stdio });
    assert.equal(status, 1);
    return stdout.trimEnd().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const answer = (status: number): string => `answer() { echo 'what it says' >&2; return ${status}; }\n`;

test('what waiting cannot change ends the boot at once, everything else when the time is over', () => {
  const error = 'TRIZONE error step=setup message="asking: what it says"';
  assert.deepEqual(consoleOf(`${answer(4)} patiently 60 asking answer`), [error]);
  assert.deepEqual(consoleOf(`${answer(3)} patiently 60 asking answer`), [
    'TRIZONE step=setup n=0 of=0 says="asking: what it says"',
    error,
  ]);
});

test('a program that is missing is named', () => {
  assert.deepEqual(consoleOf('needs bash kubeadm-of-nobody bash'), [
    'TRIZONE error step=setup message="required program not found: kubeadm-of-nobody"',
  ]);
});

/** What the machine says of a kubeadm that prints this and fails; its output is shown as well. */
const reasonOf = (output: string): string | undefined => {
  const said = consoleOf(`kubeadm() { printf '%s\\n' '${output}'; return 1; }\nquietly kubeadm join`);
  assert.equal(said.length, output.split('\n').length + 1);
  return /^TRIZONE error step=setup message="kubeadm join failed: (.*)"$/.exec(said.at(-1) ?? '')?.[1];
};

const hint = 'To see the stack trace of this error execute with --v=5 or higher';

test('of what kubeadm prints, the reason is told', () => {
  const preflight = `[preflight] Some fatal errors occurred:\n\t[ERROR FileExisting-losetup]: losetup not found\n\t[ERROR CRI]: no\nerror: error execution phase preflight: preflight checks failed\n${hint}`;
  assert.equal(reasonOf(preflight), '[ERROR FileExisting-losetup]: losetup not found');
  assert.equal(reasonOf(`[join] Running\nerror: timed out\n${hint}`), 'error: timed out');
  assert.equal(reasonOf('kubeadm: command not found'), 'kubeadm: command not found');
  assert.equal(reasonOf('error: token abcdef.0123456789abcdef is over'), 'error: token (token) is over');
});
