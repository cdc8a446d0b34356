import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { columns, cut, cutMiddle, padded, plainLine } from '../../src/cli/cells.ts';
import { minutes, runTable, type RunningStep, type RunningRun } from '../../src/cli/runTable.ts';

const step = (title: string, lastWord = '', more: Partial<RunningStep> = {}): RunningStep => ({
  ...{ title, lastWord, elapsedMs: 67_000, usualMs: 180_000 },
  ...more,
});

const run = (steps: readonly RunningStep[], more: Partial<RunningRun> = {}): RunningRun => ({
  ...{ title: 'Create cluster kubernetes in europe-west1-b', done: 12, total: 34, elapsedMs: 83_000, usualMs: 358_000 },
  ...{ steps, ...more },
});

const steps = [
  step('Wait until kubernetes-master serves the API', 'boot step 5/15: packages'),
  step('Wait for the instances of kubernetes-minion-group in europe-west1-c', '1/3 running', { usualMs: 40_000 }),
  step('Label addresses and forwarding rules', '', { usualMs: 0 }),
];

const drawn = (view: RunningRun, width: number, rows = 24): string[] =>
  runTable(view, { columns: width, rows }).map(stripVTControlCharacters);

test('a run at 120 columns: head, headings, and for each step how long, how long usually, and the last word', () => {
  assert.deepEqual(drawn(run(steps), 119), [
    '',
    'Create cluster kubernetes in europe-west1-b   12/34 steps   1:23 of about 5:58',
    'STEP                                                                 ELAPSED  USUAL  LAST WORD',
    'Wait until kubernetes-master serves the API                             1:07   3:00  boot step 5/15: packages',
    'Wait for the instances of kubernetes-minion-group in europe-west1-c     1:07   0:40  1/3 running',
    'Label addresses and forwarding rules                                    1:07',
  ]);
});

test('at 80 columns the step is cut in its middle, because zones stand at the end', () => {
  assert.deepEqual(drawn(run(steps), 79), [
    '',
    'Create cluster kubernetes in europe-west1-b   12/34 steps   1:23 of about 5:58',
    'STEP                                   ELAPSED  USUAL  LAST WORD',
    'Wait until kuberne…ter serves the API     1:07   3:00  boot step 5/15: packages',
    'Wait for the insta… in europe-west1-c     1:07   0:40  1/3 running',
    'Label addresses and forwarding rules      1:07',
  ]);
});

test('what does not fit is counted, and a screen of three rows has the head alone', () => {
  const many = Array.from({ length: 9 }, (_, i) => step(`Step ${i}`));
  assert.deepEqual(drawn(run(many), 79, 7).slice(3), [
    'Step 0     1:07   3:00',
    'Step 1     1:07   3:00',
    'Step 2     1:07   3:00',
    '… and 6 more',
  ]);
  assert.equal(drawn(run(many), 79, 1).length, 1);
  assert.equal(drawn(run(many), 79, 3).length, 2);
  assert.equal(drawn(run([]), 79).length, 2);
});

test('where the title of the run has no room, the figures have', () => {
  assert.deepEqual(drawn(run([]), 40), ['', '12/34 steps   1:23 of about 5:58']);
});

test('whatever steps are called and machines say, each line fits, and moves no cursor', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constant('漢字のホスト\u001b[2J\r\n'),
  );
  const anyStep = fc.record({ title: text, lastWord: text, elapsedMs: fc.nat(9e6), usualMs: fc.nat(9e6) });
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 6 }),
      fc.integer({ min: 1, max: 130 }),
      fc.integer({ min: 1, max: 8 }),
      (all, width, rows) => {
        const lines = runTable(run(all), { columns: width, rows });
        assert.ok(lines.length <= Math.max(1, rows));
        for (const line of lines.map(stripVTControlCharacters)) {
          assert.ok(stringWidth(line) <= width, `${stringWidth(line)} of ${width}: ${line}`);
          assert.doesNotMatch(line, /\p{Cc}/u);
        }
      },
    ),
  );
});

test('wide characters are counted as two columns, and never cut in half', () => {
  assert.equal(cut('漢字漢字', 5), '漢字…');
  assert.equal(cut('漢字漢字', 4), '漢…');
  assert.equal(cut('漢字漢字', 8), '漢字漢字');
  assert.equal(cutMiddle('漢字のホスト', 7), '漢…スト');
  assert.equal(cutMiddle('Create disk for kubernetes-master', 11), 'Creat…aster');
  assert.equal(cut('👩‍👩‍👧‍👦ab', 3), '👩‍👩‍👧‍👦…');
  assert.deepEqual([cut('abc', 0), cutMiddle('abc', 0), cutMiddle('abc', 1)], ['', '', '…']);
  assert.deepEqual([padded('漢', 4), padded('漢', 4, true)], ['漢  ', '  漢']);
  assert.deepEqual(
    columns(
      ['A', 'B'],
      [
        ['漢字', 'x'],
        ['y', 'z'],
      ],
    ),
    ['A     B', '漢字  x', 'y     z'],
  );
});

test('a machine’s words lose what would move the cursor', () => {
  assert.equal(plainLine('\u001b[31mred\u001b[0m\tand\r\nmore\u0007'), 'red and more ');
});

test('minutes and seconds', () => {
  assert.deepEqual([0, 59_999, 60_000, 754_000, 3_723_000, -5].map(minutes), [
    '0:00',
    '0:59',
    '1:00',
    '12:34',
    '1:02:03',
    '0:00',
  ]);
});
