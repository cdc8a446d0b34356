import assert from 'node:assert/strict';
import test from 'node:test';
import { partialAnswer } from '../../src/emulator/compute/partialAnswer.ts';
import { emulated } from '../support/emulatedCloud.ts';

const answer = {
  kind: 'list',
  nextPageToken: 't',
  items: { 'zones/a': { warning: { code: 'W' } }, 'zones/b': { xs: [{ n: 1, m: { a: 1, b: 2 } }, { n: 2 }] } },
};

for (const [fields, kept] of [
  [undefined, answer],
  ['', answer],
  ['kind', { kind: 'list' }],
  ['kind,nope', { kind: 'list' }],
  ['items/*/xs(n,m/b)', { items: { 'zones/a': {}, 'zones/b': { xs: [{ n: 1, m: { b: 2 } }, { n: 2 }] } } }],
  [
    'items/*/warning,items/*/xs/n',
    { items: { 'zones/a': { warning: { code: 'W' } }, 'zones/b': { xs: [{ n: 1 }, { n: 2 }] } } },
  ],
  ['items(*(warning))', { items: { 'zones/a': { warning: { code: 'W' } }, 'zones/b': {} } }],
  ['items/*/xs/m,items', { items: answer.items }],
] as const) {
  test(`fields=${fields ?? '(none)'}`, () => assert.deepEqual(partialAnswer(answer, fields), kept));
}

test('what is no selection is refused', async (t) => {
  const cloud = emulated(t);
  for (const fields of ['items(', 'items/', ',kind', 'items)', 'items()']) {
    const { status, body } = await cloud.ask('GET', `zones?fields=${encodeURIComponent(fields)}`);
    assert.equal(status, 400, fields);
    assert.equal(body.error?.message, `Invalid field selection ${fields}`);
  }
  const { items } = await cloud.get<{ items: object[] }>('zones?fields=items/name');
  assert.deepEqual(Object.keys(items[0] ?? {}), ['name']);
});
