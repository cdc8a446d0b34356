import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileJournals, readRun as readOne } from '../../src/engine/journal.ts';
import { nextAttempt, type StoredRun } from '../../src/engine/journalRecords.ts';
import { holderId } from '../../src/engine/holder.ts';
import { systemIds } from '../../src/lib/ids.ts';
import { command, toRun, toVisit } from '../../src/lib/remedy.ts';
import { fileJournal, temporaryFolder } from '../support/engineWorld.ts';

const readRun = (folder: string): StoredRun | undefined => fileJournals(folder).list()[0];

test('what was appended is read back, and the state with it', (t) => {
  const folder = temporaryFolder(t);
  const journal = fileJournal(folder);
  journal.append({ type: 'intent', step: 'a:b', attempt: 1, do: 'create', at: 0 });
  assert.equal(readRun(folder)?.state, undefined);
  journal.append({ type: 'ended', state: 'failed', at: 5 });
  assert.equal(readRun(folder)?.state, 'failed');
  fileJournals(folder).open('r1').append({ type: 'resumed', at: 6, pid: 1 });
  assert.equal(readRun(folder)?.state, undefined);
  assert.equal(fileJournals(folder).list().length, 1);
});

test('what to do about a failure is kept part by part beside its line, and the line alone is read, too', (t) => {
  const folder = temporaryFolder(t);
  const journal = fileJournal(folder);
  const failed = { type: 'failed', step: 'a:b', code: 'quota', message: 'm', definite: true } as const;
  const remedies = [
    toRun('See', command`trizone status`),
    toRun('', command`trizone resume`),
    toVisit('Ask', 'https://example.org'),
    { text: 'Wait.' },
  ];
  journal.append({ ...failed, remedy: 'See: trizone status', remedies });
  journal.append({ ...failed, remedy: 'Ask for more.' });
  const [, first, second] = readRun(folder)?.records ?? [];
  assert.deepEqual(first, { ...failed, remedy: 'See: trizone status', remedies });
  assert.deepEqual(second, { ...failed, remedy: 'Ask for more.' });
});

test('a tail cut by a crash is cut at the last whole line, and kept', (t) => {
  const folder = temporaryFolder(t);
  fileJournal(folder).append({ type: 'done', step: 'a:b', ms: 1 });
  const path = join(folder, 'runs', 'r1.jsonl');
  const whole = readFileSync(path, 'utf8');
  appendFileSync(path, '{"type":"done","st');
  assert.equal(readRun(folder)?.records.length, 2);
  assert.ok(!existsSync(`${path}.bak`), 'reading must not touch the file of a run that may be going on');
  fileJournals(folder).open('r1').append({ type: 'done', step: 'c:d', ms: 1 });
  assert.equal(readFileSync(path, 'utf8'), `${whole}{"type":"done","step":"c:d","ms":1}\n`);
  assert.match(readFileSync(`${path}.bak`, 'utf8'), /"st$/);
});

test('a journal of a newer version can be shown but not resumed', (t) => {
  const folder = temporaryFolder(t);
  fileJournal(folder);
  const path = join(folder, 'runs', 'r1.jsonl');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":2'));
  assert.equal(readRun(folder)?.readOnly, true);
  assert.throws(() => fileJournals(folder).open('r1'), /newer Trizone/);
});

test("an earlier Trizone's titles of steps, with their names in them, are read as they are", (t) => {
  const folder = temporaryFolder(t);
  fileJournal(folder);
  const path = join(folder, 'runs', 'r1.jsonl');
  const old = { id: 'disk:a', title: 'Create disk for a', expectedMs: 5 };
  writeFileSync(path, readFileSync(path, 'utf8').replace('"steps":[]', `"steps":[${JSON.stringify(old)}]`));
  assert.deepEqual(readRun(folder)?.plan.steps, [{ ...old, title: { text: 'Create disk for a', names: [] } }]);
});

test('two runs cannot share a journal', (t) => {
  const folder = temporaryFolder(t);
  fileJournal(folder);
  assert.throws(
    () =>
      fileJournals(folder).create({
        run: 'r1',
        verb: 'up',
        cluster: 'c',
        project: 'p',
        at: 0,
        input: {},
        timeScale: 1,
        expectedMs: 0,
        steps: [],
      }),
    /a file is in the way/,
  );
});

test('the attempt goes up after a definite outcome only', () => {
  const intent = { type: 'intent', step: 's:1', attempt: 3, do: 'create', at: 0 } as const;
  const failed = (definite: boolean) => ({ type: 'failed', step: 's:1', code: 'x', message: '', definite }) as const;
  assert.equal(nextAttempt([], 's:1'), 1);
  assert.equal(nextAttempt([intent], 's:1'), 3);
  assert.equal(nextAttempt([intent, failed(false)], 's:1'), 3);
  assert.equal(nextAttempt([intent, failed(true)], 's:1'), 4);
  assert.equal(nextAttempt([intent, { type: 'done', step: 's:1', ms: 1 }], 's:1'), 4);
  assert.equal(nextAttempt([intent], 's:2'), 1);
});

test('whole records of a type that is not known are passed over; a line that was cut ends the reading', (t) => {
  const folder = temporaryFolder(t);
  fileJournal(folder);
  const path = join(folder, 'runs', 'r1.jsonl');
  appendFileSync(path, '{"type":"weather","is":"fine"}\n{"type":"done","step":"a:b","ms":1}\n{"type":"done","st\n');
  appendFileSync(path, '{"type":"done","step":"lost:one","ms":1}\n');
  assert.deepEqual(
    readRun(folder)?.records.map((r) => r.type),
    ['plan', 'done'],
  );
  const again = fileJournals(folder).open('r1');
  again.append({ type: 'done', step: 'c:d', ms: 1 });
  assert.match(readFileSync(path, 'utf8'), /weather.*\n.*a:b.*\n.*c:d.*\n$/);
  assert.deepEqual(readRun(folder)?.records, again.records);
});

test('a journal that cannot be read hides no other, and is told with its reason; with its name it is refused', (t) => {
  const folder = temporaryFolder(t);
  fileJournal(folder);
  const runs = join(folder, 'runs');
  mkdirSync(join(runs, 'folder.jsonl'));
  const good = readFileSync(join(runs, 'r1.jsonl'), 'utf8');
  writeFileSync(join(runs, 'never.jsonl'), good.replace(/"at":\d+/, '"at":1e20'));
  writeFileSync(join(runs, 'cut.jsonl'), '{"type":"pl');
  const told: string[] = [];
  const found = fileJournals(folder).list(({ run, error }) => told.push(`${run}: ${error.message}`));
  assert.deepEqual(
    found.map((r) => r.plan.run),
    ['r1'],
  );
  const damaged = "The run's journal is damaged from the first line";
  assert.deepEqual(told.sort(), [
    `cut: ${damaged}: ${join(runs, 'cut.jsonl')}`,
    `folder: Cannot read the run's journal: ${join(runs, 'folder.jsonl')}, is a folder`,
    `never: ${damaged}: ${join(runs, 'never.jsonl')}`,
  ]);
  assert.throws(() => fileJournals(folder).read('folder'), {
    code: 'journal',
    remedy: /^Move the existing file or folder/,
  });
  assert.throws(() => fileJournals(folder).read('never'), { code: 'journal', message: /damaged/ });
  assert.equal(readOne(folder, 'folder'), undefined);
});

test('a file in the place of the runs, or a folder in that of the holder, is told in one sentence', (t) => {
  const folder = temporaryFolder(t);
  fileJournal(folder);
  rmSync(join(folder, 'runs'), { recursive: true });
  writeFileSync(join(folder, 'runs'), '');
  assert.throws(() => fileJournals(folder).list(), {
    code: 'disk',
    message: `Cannot read the runs: ${join(folder, 'runs')}, a file is in the way`,
    remedy: /^Move the existing file or folder, or set TRIZONE_STATE/,
  });
  mkdirSync(join(folder, 'holder'));
  assert.throws(() => holderId(folder, systemIds), {
    code: 'disk',
    message: `Cannot use the state folder: ${join(folder, 'holder')}, is a folder`,
    remedy: /^Move the existing file or folder, or set TRIZONE_STATE/,
  });
});
