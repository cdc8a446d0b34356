import assert from 'node:assert/strict';
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

test('a folder is made where there is none, and refused where a file is', (t) => {
  const folder = temporaryFolder(t);
  checkFolder('The folder', join(folder, 'a', 'b'), 'Choose another.');
  assert.ok(existsSync(join(folder, 'a', 'b')));
  writeFileSync(join(folder, 'file'), '');
  for (const path of [join(folder, 'file'), join(folder, 'file', 'below')]) {
    assert.throws(() => checkFolder('The folder', path, 'Choose another.'), {
      code: 'invalid-input',
      message: `The folder must be a folder that can be written to: ${path}, a file is in the way`,
      remedy: 'Choose another.',
    });
  }
});
