import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { golden } from '../support/golden.ts';
import { packaged } from './prepared.ts';

test('the package holds what a user needs and nothing else', async () => {
  const { output } = await packaged();
  assert.doesNotMatch(readFileSync(output, 'utf8'), /WARN/i);
  const { stdout } = await promisify(execFile)('vsce', ['ls', '--no-dependencies']);
  golden('package.txt', `${stdout.trim().split('\n').sort().join('\n')}\n`);
});
