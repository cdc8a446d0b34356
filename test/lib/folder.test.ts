import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { writeFileAtomic } from '../../src/lib/atomicFile.ts';
import { checkFolder } from '../../src/lib/folder.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

test('a file is written whole, private, and replaces the old one', (t) => {
  const file = join(temporaryFolder(t), 'new', 'file');
  writeFileAtomic(file, 'one');
  writeFileAtomic(file, 'two');
  assert.equal(readFileSync(file, 'utf8'), 'two');
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a write that fails leaves nothing behind: it may have been a secret', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'taken'));
  assert.throws(() => writeFileAtomic(join(folder, 'taken'), 'secret'));
  assert.deepEqual(readdirSync(folder), ['taken']);
});

test(
  'a place in which nothing can be made is refused at once',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  () => {
    // In a process of its own: what is wrong spins for ever.
    const lib = join(import.meta.dirname, '..', '..', 'src', 'lib', 'folder.ts');
    const script = `import { checkFolder } from ${JSON.stringify(lib)};
    try { checkFolder('The folder', '/proc/.local/state', 'Choose another.'); } catch (e) { console.log(e.message); }`;
    const { stdout, error } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(error, undefined);
    assert.equal(stdout.trim(), 'The folder must be a writable folder: /proc/.local/state, not found');
  },
);

test('a folder is made where there is none, and refused where a file is', (t) => {
  const folder = temporaryFolder(t);
  checkFolder('The folder', join(folder, 'a', 'b'), 'Choose another.');
  assert.ok(existsSync(join(folder, 'a', 'b')));
  writeFileSync(join(folder, 'file'), '');
  for (const path of [join(folder, 'file'), join(folder, 'file', 'below')]) {
    assert.throws(() => checkFolder('The folder', path, 'Choose another.'), {
      code: 'invalid-input',
      message: `The folder must be a writable folder: ${path}, a file is in the way`,
      remedy: 'Choose another.',
    });
  }
});
