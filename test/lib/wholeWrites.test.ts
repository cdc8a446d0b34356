import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readState, StateLog } from '../../src/emulator/state/stateLog.ts';
import { Store } from '../../src/emulator/state/store.ts';
import { fileJournals } from '../../src/engine/journal.ts';
import type { Journal } from '../../src/engine/journalRecords.ts';
import { takeLease } from '../../src/engine/lease.ts';
import { codeOf } from '../../src/lib/folder.ts';
import { createLock } from '../../src/lib/lockFile.ts';
import { writeFileAtomic } from '../../src/lib/atomicFile.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { everyFault, onBadDisk, type Tried } from '../support/badDisk.ts';
import { fileJournal, temporaryFolder } from '../support/engineWorld.ts';

/** Plays a piece of work on a disk that fails at each of its calls in every way; `check` hears what came of it. */
const atEveryCall = <S>(
  begin: () => S,
  work: (s: S) => void,
  check: (s: S, tried: Tried, how: string, lasts: boolean) => void,
): void => {
  const { calls, error } = onBadDisk(withState(begin(), work));
  assert.equal(error, undefined);
  assert.ok(calls > 0, 'nothing was written: the test tests nothing');
  for (const { at, fault, lasts } of everyFault(calls)) {
    const state = begin();
    const tried = onBadDisk(() => work(state), at, fault, lasts);
    check(state, tried, `${fault} ${lasts ? 'from' : 'at'} call ${at}`, lasts);
    if (fault === 'short') assert.equal(tried.error, undefined, `short write ${at}`);
  }
};

const withState =
  <S>(state: S, work: (s: S) => void) =>
  (): void =>
    work(state);

const long = (letter: string): string => letter.repeat(10_000);

test('a file has its old content or its new one, whatever call fails; and the new one where none did', (t) => {
  const parent = temporaryFolder(t);
  let n = 0;
  const begin = (): string => {
    const file = join(parent, `${n++}`, 'file');
    writeFileAtomic(file, long('o'));
    return file;
  };
  atEveryCall(
    begin,
    (file) => writeFileAtomic(file, long('n')),
    (file, { error }, how) => {
      const text = readFileSync(file, 'utf8');
      assert.ok(text === long('n') || text === long('o'), how);
      if (error === undefined) assert.equal(text, long('n'), how);
    },
  );
});

const record = (ms: number) => ({ type: 'done', step: `a:${long('x')}`, ms }) as const;

const stored = (folder: string) => fileJournals(folder).list()[0]?.records.slice(1);

test('a journal holds a record wholly or not at all, its memory is that of the disk, and it goes on when there is room', (t) => {
  const begin = (): { folder: string; journal: Journal } => {
    const folder = temporaryFolder(t);
    const journal = fileJournal(folder);
    journal.append(record(1));
    return { folder, journal };
  };
  atEveryCall(
    begin,
    ({ journal }) => journal.append(record(2)),
    ({ folder, journal }, { error }, how, lasts) => {
      assert.equal(journal.records.length, error === undefined ? 3 : 2, how);
      if (error !== undefined) assert.ok(OperatorError.is(error, 'disk') && error.remedy !== undefined, how);
      // A record that reached the disk before everything failed cannot be taken back until something works again.
      const onDisk = stored(folder);
      if (lasts && onDisk?.length === 2) assert.deepEqual(onDisk, [record(1), record(2)], how);
      else assert.deepEqual(onDisk, journal.records.slice(1), how);
      journal.append(record(3));
      assert.deepEqual(stored(folder), journal.records.slice(1), how);
      assert.deepEqual(fileJournals(folder).open('r1').records, journal.records, how);
    },
  );
});

test('a run that cannot be written down begins with an error of its own, and no damaged journal lies about', (t) => {
  atEveryCall(
    () => temporaryFolder(t),
    (folder) => fileJournal(folder),
    (folder, { error }, how, lasts) => {
      const runs = fileJournals(folder).list();
      if (!lasts) assert.equal(runs.length, error === undefined ? 1 : 0, how);
      assert.ok(runs.every((run) => run.records.length === 1));
      if (error === undefined) return;
      assert.ok(OperatorError.is(error, 'disk'), how);
      assert.match(error.message, /^Nothing was changed: cannot write the run's journal: /, how);
    },
  );
});

test('a journal is repaired wholly or left as it is', (t) => {
  const begin = (): string => {
    const folder = temporaryFolder(t);
    fileJournal(folder).append(record(1));
    const path = join(folder, 'runs', 'r1.jsonl');
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"type":"do`);
    return folder;
  };
  atEveryCall(
    begin,
    (folder) => void fileJournals(folder).open('r1'),
    (folder, _, how) => assert.deepEqual(stored(folder), [record(1)], how),
  );
});

const openStore = (folder: string): Store => {
  const left = readState(folder);
  const store = new Store(new StateLog(folder, left, () => 7));
  store.replay(left.changes);
  return store;
};

test("the emulator's memory is never ahead of its disk, and what is on it is read again", (t) => {
  const begin = (): { folder: string; store: Store } => {
    const folder = temporaryFolder(t);
    const store = openStore(folder);
    store.put('disks', 'a', long('o'));
    return { folder, store };
  };
  const change = (store: Store): void =>
    store.transact(() => {
      store.put('disks', 'a', long('n'));
      store.put('disks', 'b', 1);
    });
  const works: ((store: Store) => void)[] = [change, (store) => store.put('disks', 'b', long('y'))];
  for (const work of works) {
    atEveryCall(
      begin,
      ({ store }) => work(store),
      ({ folder, store }, { error }, how, lasts) => {
        assert.equal(store.get('disks', 'b') === undefined, error !== undefined, how);
        if (!lasts) assert.deepEqual(openStore(folder).dump(), store.dump(), how);
        store.put('disks', 'later', how);
        assert.deepEqual(openStore(folder).dump(), store.dump(), how);
      },
    );
  }
});

test("folding the emulator's log loses nothing, whatever fails", (t) => {
  const begin = () => {
    const folder = temporaryFolder(t);
    const log = new StateLog(folder, readState(folder), () => 7);
    const store = new Store(log);
    store.put('disks', 'a', long('o'));
    return { folder, log, store };
  };
  atEveryCall(
    begin,
    ({ log, store }) => log.fold(store),
    ({ folder, store }, _, how) => {
      store.put('disks', 'later', how);
      assert.deepEqual(openStore(folder).dump(), store.dump(), how);
    },
  );
});

test('an emulator whose log was cut in the middle starts with what was whole before, and keeps the rest aside', (t) => {
  const folder = temporaryFolder(t);
  const store = openStore(folder);
  store.put('disks', 'a', 1);
  const log = join(folder, 'changes.0.jsonl');
  const torn = `${readFileSync(log, 'utf8')}{"at":7,"chan\n{"at":7,"changes":[["disks","b",2]]}\n`;
  writeFileSync(log, torn);
  const again = openStore(folder);
  assert.deepEqual(again.dump(), { disks: { a: 1 } });
  assert.equal(readFileSync(`${log}.bak`, 'utf8'), torn);
  again.put('disks', 'c', 3);
  assert.deepEqual(openStore(folder).dump(), { disks: { a: 1, c: 3 } });
});

test('a lock is there with its whole text or not at all; a lease that cannot be written says so', (t) => {
  atEveryCall(
    () => join(temporaryFolder(t), 'lock'),
    (path) => void createLock(path, 'mine'),
    (path, { error }, how) => {
      if (error === undefined) assert.equal(readFileSync(path, 'utf8'), 'mine', how);
      else if (existsSync(path)) assert.equal(readFileSync(path, 'utf8'), 'mine', how);
    },
  );
  const wall = new VirtualClock();
  atEveryCall(
    () => temporaryFolder(t),
    (folder) => void takeLease(folder, 'c', { verb: 'up', run: 'r', since: 0 }, wall),
    (_, { error }, how) => {
      if (error !== undefined) assert.ok(OperatorError.is(error, 'disk'), how);
    },
  );
});

test('a write that fails leaves nothing beside the file: it may have been a secret', (t) => {
  atEveryCall(
    () => temporaryFolder(t),
    (folder) => writeFileAtomic(join(folder, 'file'), 'secret'),
    (folder, { error }, how) => {
      const left = readdirSync(folder).filter((name) => name !== 'file');
      // Where nothing can be removed any more, nothing was.
      if (codeOf(error) !== undefined && how.includes('at')) assert.deepEqual(left, [], how);
    },
  );
});
