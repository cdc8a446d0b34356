import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { contains, formatCidr, machinesIn, overlaps, parseCidr } from '../../src/model/cidr.ts';
import {
  isOurs,
  markerDescription,
  markerLabels,
  readMarker,
  readRoot,
  rootDescription,
} from '../../src/model/marker.ts';
import { masterDiskPattern, masterPattern, nodePattern } from '../../src/model/names.ts';
import { quorum, quorumWords, tolerated } from '../../src/model/quorum.ts';
import { versionsFor } from '../../src/model/versions.ts';

const cidrs = fc.tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.integer({ min: 8, max: 32 })).map(([n, prefix]) => {
  const size = 2 ** (32 - prefix);
  return { base: n - (n % size), prefix };
});

test('a range is read back as it was written', () => {
  fc.assert(fc.property(cidrs, (c) => assert.deepEqual(parseCidr(formatCidr(c)), c)));
});

test('two ranges overlap exactly when one holds the other', () => {
  fc.assert(fc.property(cidrs, cidrs, (a, b) => assert.equal(overlaps(a, b), contains(a, b) || contains(b, a))));
});

test('host bits are answered with the range that was meant', () => {
  assert.throws(() => parseCidr('10.64.3.1/14'), { remedy: 'Did you mean 10.64.0.0/14?' });
  assert.equal(machinesIn(parseCidr('10.64.0.0/14')), 1024);
});

test('etcd’s arithmetic: two masters are worse than one', () => {
  assert.deepEqual([1, 2, 3, 4, 5].map(quorum), [1, 2, 2, 3, 3]);
  assert.deepEqual([1, 2, 3, 4, 5].map(tolerated), [0, 0, 1, 1, 2]);
  assert.equal(quorumWords(3), '3 masters · tolerates 1 failure');
});

test('ours is what carries this uid and an anchored name, by label or description', () => {
  const m = { cluster: 'kubernetes', uid: 'u1' };
  const name = masterPattern('kubernetes');
  const marked = { description: markerDescription(m) };
  assert.ok(isOurs(m, { name: 'kubernetes-master', ...marked }, name));
  assert.ok(isOurs(m, { name: 'kubernetes-master-x7k', labels: markerLabels(m, 'master') }, name));
  assert.ok(!isOurs(m, { name: 'kubernetes-master-foo-bar', ...marked }, name), 'name not anchored');
  assert.ok(!isOurs(m, { name: 'my-kubernetes-master', ...marked }, name), 'name not anchored');
  assert.ok(!isOurs(m, { name: 'kubernetes-master' }, name), 'no marker');
  assert.ok(!isOurs({ ...m, uid: 'u2' }, { name: 'kubernetes-master', ...marked }, name), 'another uid');
  assert.ok(!masterDiskPattern('kubernetes').test('kubernetes-master-q7xx-pd'));
  assert.ok(nodePattern('kubernetes').test('kubernetes-minion-group-a1b2'));
});

test('foreign descriptions are no markers', () => {
  for (const text of [
    '',
    'a disk',
    '{',
    '{}',
    '{"trizone":2,"cluster":"a","uid":"b"}',
    '{"trizone":1,"cluster":"a"}',
  ]) {
    assert.equal(readMarker(text), undefined, text);
  }
  const root = { uid: 'u', cluster: 'c', network: 'n', podCidr: 'p', serviceCidr: 's', created: 't' };
  assert.deepEqual(readRoot(rootDescription(root)), { trizone: 1, ...root });
  assert.equal(readRoot(markerDescription({ cluster: 'c', uid: 'u' })), undefined);
});

test('versions go together and keep the patch that was asked for', () => {
  assert.deepEqual(
    [versionsFor('1.37.2').etcd, versionsFor('1.37.2').coreDns, versionsFor('v1.36.1').kubernetes],
    ['3.7.0', '1.14.6', '1.36.1'],
  );
});
