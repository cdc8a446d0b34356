import assert from 'node:assert/strict';
import test from 'node:test';
import { stepMessages, stepTitle } from '../../src/ui/stepTitles.ts';
import { english, type Translate } from '../../src/ui/translate.ts';
import { allSteps } from '../support/allSteps.ts';

test('every title of every workflow has its row, and every row its title', async (t) => {
  const titles = new Set((await allSteps(t)).map((s) => s.title));
  const used = new Set<string>();
  const marked: Translate = (message, ...args) => {
    used.add(message);
    return `translated ${english(message, ...args)}`;
  };
  const missing = [...titles].filter((title) => stepTitle(marked, title) !== `translated ${title}`);
  assert.deepEqual(missing, [], 'titles without a row in src/ui/stepTitles.ts');
  const unused = stepMessages().filter((message) => !used.has(message));
  assert.deepEqual(unused, [], 'rows that no title uses');
});

test('names keep their place in another order of words', () => {
  const turned: Translate = (message, ...args) =>
    english(message === 'Remove disk {0} in {1}' ? '删除 {1} 中的磁盘 {0}' : message, ...args);
  assert.equal(stepTitle(turned, 'Remove disk a-pd in europe-west1-b'), '删除 europe-west1-b 中的磁盘 a-pd');
});

test('a title of another version stays as it is', () => {
  assert.equal(
    stepTitle(() => 'translated', 'Bake a cake'),
    'Bake a cake',
  );
  assert.equal(
    stepTitle(() => 'translated', 'Remove disk a b in c'),
    'Remove disk a b in c',
  );
});
