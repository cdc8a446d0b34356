import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Screen } from '../../src/cli/screen.ts';
import { TerminalModel } from './terminalModel.ts';

const say = (model: TerminalModel, text: string) => (): void => model.write(`${text}\n`);

test('lines are redrawn in place, what is said scrolls above them, and nothing of them is left', () => {
  const model = new TerminalModel(20, 24);
  const screen = model.screen();
  screen.around(say(model, 'begin'));
  screen.show(['head 1', 'a long row of it']);
  screen.show(['head 2', 'short']);
  assert.deepEqual(model.shown, ['begin', 'head 2', 'short']);
  screen.around(say(model, 'done'));
  assert.deepEqual(model.shown, ['begin', 'done', 'head 2', 'short']);
  screen.show(['head 3']);
  assert.deepEqual(model.shown, ['begin', 'done', 'head 3']);
  screen.show([]);
  assert.deepEqual(model.shown, ['begin', 'done']);
  assert.deepEqual(model.cursor, { row: 2, column: 0 });
});

test('a terminal that was made narrower has wrapped the lines: they are gone all the same', () => {
  const model = new TerminalModel(40, 24);
  const screen = model.screen();
  screen.around(say(model, 'before'));
  screen.show(['x'.repeat(39), 'y'.repeat(25)]);
  model.resize(10);
  screen.show(['z'.repeat(9)]);
  assert.deepEqual(model.shown, ['before', 'z'.repeat(9)]);
});

test('a question stands alone: the lines are away meanwhile, whatever is to be shown, and come back after it', async () => {
  const model = new TerminalModel(40, 24);
  const screen = model.screen();
  screen.show(['table']);
  const answer = await screen.aside(() => {
    model.write('Type yes: ');
    screen.show(['another table']);
    screen.around(() => model.write('yes\n'));
    assert.deepEqual(model.shown, ['Type yes: yes']);
    return Promise.resolve('yes');
  });
  assert.equal(answer, 'yes');
  assert.deepEqual(model.shown, ['Type yes: yes', 'another table']);
});

test('after a stop (Ctrl-Z) the lines are drawn anew below what the shell has written', () => {
  const model = new TerminalModel(40, 24);
  const screen = model.screen();
  screen.show(['table']);
  model.write('$ fg\n');
  screen.forget();
  screen.show(['table']);
  assert.deepEqual(model.shown, ['table', '$ fg', 'table']);
});

test('what the terminal has echoed (^C) is written over, with and without lines', () => {
  const model = new TerminalModel(40, 24);
  const screen = model.screen();
  screen.show(['table']);
  model.write('^C');
  screen.around(say(model, 'Stopping'));
  screen.show([]);
  model.write('^C');
  screen.around(say(model, 'Quit.'));
  assert.deepEqual(model.shown, ['Stopping', 'Quit.']);
});

test('nothing but what is said is written before the first lines', () => {
  const written: string[] = [];
  const screen = new Screen({ columns: () => 80, rows: () => 24, write: (text) => written.push(text) });
  screen.around(() => written.push('said'));
  assert.deepEqual(written, ['said']);
});

test('the cursor is never hidden', () => {
  const model = new TerminalModel(40, 24);
  const screen = model.screen();
  screen.show(['a', 'b']);
  screen.around(say(model, 'c'));
  screen.show([]);
  assert.doesNotMatch(model.raw, /\?25l/);
});

test('whatever is shown and said, and however wide it is, the terminal has what was said and the last lines below', () => {
  const word = fc.stringMatching(/^[a-z]{1,30}$/);
  const act = fc.oneof(
    fc.array(word, { maxLength: 5 }).map((lines) => ({ show: lines })),
    word.map((line) => ({ say: line })),
    fc.integer({ min: 31, max: 90 }).map((columns) => ({ resize: columns })),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
      const model = new TerminalModel(80, 24);
      const screen = model.screen();
      const said: string[] = [];
      let shown: readonly string[] = [];
      for (const a of acts) {
        if ('show' in a) screen.show((shown = a.show));
        else if ('resize' in a) model.resize(a.resize);
        else {
          screen.around(say(model, a.say));
          said.push(a.say);
        }
        assert.deepEqual(model.shown, [...said, ...shown]);
      }
    }),
  );
});
