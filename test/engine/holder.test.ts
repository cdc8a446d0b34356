import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { holderId } from '../../src/engine/holder.ts';
import { seededIds, type Ids } from '../../src/lib/ids.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

test('the holder id is drawn once and kept', (t) => {
  const folder = temporaryFolder(t);
  const first = holderId(folder, seededIds('a'));
  assert.match(first, /^[a-z0-9]{10}$/);
  assert.equal(holderId(folder, seededIds('b')), first);
});

test('a copy of a state folder has a holder id of its own, and each keeps its own', (t) => {
  const [folder, copy, another] = ['a', 'b', 'c'].map((name) => join(temporaryFolder(t), name)) as [
    string,
    string,
    string,
  ];
  const first = holderId(folder, seededIds('a'));
  cpSync(folder, copy, { recursive: true });
  const second = holderId(copy, seededIds('b'));
  assert.match(second, /^[a-z0-9]{10}$/);
  cpSync(copy, another, { recursive: true });
  const all = [first, second, holderId(another, seededIds('c'))];
  assert.equal(new Set(all).size, 3);
  assert.deepEqual(
    [folder, copy, another].map((f) => holderId(f, seededIds('d'))),
    all,
  );
});

test('a folder that was moved keeps its holder id, and so does one that is reached by a link', (t) => {
  const [folder, moved, link] = ['a', 'b', 'c'].map((name) => join(temporaryFolder(t), name)) as [
    string,
    string,
    string,
  ];
  const first = holderId(folder, seededIds('a'));
  renameSync(folder, moved);
  assert.equal(holderId(moved, seededIds('b')), first);
  symlinkSync(moved, link);
  assert.equal(holderId(link, seededIds('c')), first);
  const next = holderId(folder, seededIds('d'));
  assert.notEqual(next, first, 'somebody new where it was');
  assert.equal(holderId(moved, seededIds('e')), first);
});

test('the holder id that an earlier version wrote is kept, and from then on it is bound to its folder', (t) => {
  const [folder, copy] = [temporaryFolder(t), temporaryFolder(t)];
  writeFileSync(join(folder, 'holder'), '1234567890');
  assert.equal(holderId(folder, seededIds('a')), '1234567890');
  cpSync(folder, copy, { recursive: true });
  assert.notEqual(holderId(copy, seededIds('b')), '1234567890');
  writeFileSync(join(folder, 'holder'), '{"cut');
  assert.match(holderId(folder, seededIds('c')), /^[a-z0-9]{10}$/);
});

test('each computer that shares a folder, or has a copy of its whole disk, has a holder id of its own', (t) => {
  const folder = temporaryFolder(t);
  const ids = ['one', 'other', 'third'].map((machine) => holderId(folder, seededIds('a'), machine));
  assert.equal(new Set(ids).size, 3);
  for (const [i, machine] of ['one', 'other', 'third'].entries())
    assert.equal(holderId(folder, seededIds('b'), machine), ids[i], machine);
  assert.ok(!readFileSync(join(folder, 'holder'), 'utf8').includes(hostname()), 'the name of the computer is its own');
});

test('two processes that draw a holder id at the same time have one', (t) => {
  const folder = temporaryFolder(t);
  let faster = '';
  const slow: Ids = {
    bytes: (n) => {
      faster ||= holderId(folder, seededIds('faster'));
      return seededIds('slow').bytes(n);
    },
  };
  assert.equal(holderId(folder, slow), faster);
  assert.equal(holderId(folder, seededIds('later')), faster);
});
