import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { lockFolder, readEntry, writeEntry } from '../../src/emulator/registry.ts';
import { startOf } from '../../src/lib/processes.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

// Only Linux tells when a process began without a program of its own.
const skip = startOf(process.pid) === undefined && 'this system does not tell when a process began';
const alive = process.ppid;

test('the lock of a living process is respected, also one that an earlier version wrote', (t) => {
  const state = temporaryFolder(t);
  const lock = join(state, 'emulator.lock');
  for (const text of [`${alive}`, `${alive} ${startOf(alive) ?? ''}`.trim()]) {
    writeFileSync(lock, text);
    assert.throws(() => lockFolder(state), { code: 'emulator', message: /already runs/ });
    assert.equal(readFileSync(lock, 'utf8'), text);
  }
});

test('a process id that was given out again runs no emulator', { skip }, (t) => {
  const state = temporaryFolder(t);
  const lock = join(state, 'emulator.lock');
  writeFileSync(lock, `${alive} 1`);
  const unlock = lockFolder(state);
  assert.equal(readFileSync(lock, 'utf8'), `${process.pid} ${startOf(process.pid) ?? ''}`);
  unlock();
  const entry = { pid: alive, port: 1, endpoint: '', project: 'demo', state, timeScale: 1, startedAt: 0 };
  writeEntry(entry);
  assert.equal(readEntry(state)?.pid, alive);
  writeEntry({ ...entry, started: '1' });
  assert.equal(readEntry(state), undefined);
});
