import assert from 'node:assert/strict';
import test from 'node:test';
import { kinds, ownKinds } from '../../src/gce/kinds.ts';

test('no kind stands before one that a tear down removes first', () => {
  const rows = Object.values(kinds);
  for (const [at, row] of rows.entries()) {
    const inTheWay = 'goesAfter' in row ? row.goesAfter : [];
    for (const other of inTheWay) assert.ok(rows.indexOf(other) < at, `${row.client} before ${other.client}`);
    assert.equal(inTheWay.filter((other) => !rows.includes(other)).length, 0, row.client);
  }
});

test('names of a cluster are not those of one whose name begins alike', () => {
  for (const kind of ownKinds) {
    const pattern = kinds[kind].owns('k');
    assert.match(pattern.source, /^\^/, kind);
    assert.ok(!pattern.test('k-2-net') && !pattern.test('xk-net') && !pattern.test(''), kind);
  }
});
