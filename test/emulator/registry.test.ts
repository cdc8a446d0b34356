import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
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
    assert.throws(() => lockFolder(state), { code: 'emulator', message: /already running/ });
    assert.equal(readFileSync(lock, 'utf8'), text);
  }
});

test('a process id that was given out again runs no emulator', { skip }, (t) => {
  const state = temporaryFolder(t);
  const lock = join(state, 'emulator.lock');
  writeFileSync(lock, `${alive} 1`);
  const unlock = lockFolder(state);
  assert.equal(readFileSync(lock, 'utf8'), `${process.pid} ${startOf(process.pid) ?? ''} ${realpathSync(state)}`);
  unlock();
  const entry = { pid: alive, port: 1, endpoint: '', project: 'demo', state, timeScale: 1, startedAt: 0 };
  writeEntry(entry);
  assert.equal(readEntry(state)?.pid, alive);
  writeEntry({ ...entry, started: '1' });
  assert.equal(readEntry(state), undefined);
});

test('lock and entry of another folder are a copy’s, and count as none; by a link it is the same folder', (t) => {
  const [state, copy] = [temporaryFolder(t), temporaryFolder(t)];
  const link = join(temporaryFolder(t), 'link');
  symlinkSync(state, link);
  const lock = `${alive} ${startOf(alive) ?? ''} ${realpathSync(state)}`;
  const entry = { pid: alive, port: 1, endpoint: '', project: 'demo', state, timeScale: 1, startedAt: 0 };
  writeFileSync(join(state, 'emulator.lock'), lock);
  writeEntry(entry);
  for (const name of ['emulator.lock', 'emulator.json']) copyFileSync(join(state, name), join(copy, name));
  assert.equal(readEntry(copy), undefined);
  assert.equal(readEntry(link)?.pid, alive);
  assert.throws(() => lockFolder(link), { message: /already running/ });
  lockFolder(copy)();
});
