import assert from 'node:assert/strict';
import test from 'node:test';
import { asOperatorError, OperatorError } from '../../src/lib/operatorError.ts';
import { remediesOf, remedyLine, remedyText, command, toRun, toVisit } from '../../src/lib/remedy.ts';

const said = (...all: Parameters<typeof remedyText>[0]): string | undefined => remedyText(all);

test('remedies in one line: words lead to a command, further ones of the sentence follow it', () => {
  assert.equal(said(), undefined);
  assert.equal(said({ text: 'Wait.' }), 'Wait.');
  assert.equal(said(toRun('See', command`trizone status`)), 'See: trizone status');
  assert.equal(said(toRun('', command`trizone up`)), 'trizone up');
  assert.equal(said(toRun('Look', command`a b`), toRun('', command`c`)), 'Look: a b, c');
  assert.equal(said(toRun('See it', command`a`), toRun('then', command`b`)), 'See it: a, then: b');
  assert.equal(said(toRun('See', command`a`), { text: 'Or wait.' }), 'See: a. Or wait.');
  assert.equal(said({ text: 'Did you mean up?' }, toRun('See', command`a`)), 'Did you mean up? See: a');
  assert.equal(said(toVisit('Ask', 'https://example.org')), 'Ask: https://example.org');
});

test('what is pasted is quoted where a shell would read anything else', () => {
  assert.equal(
    remedyLine(toRun('', command`trizone down --cluster ${"it's a"}`)),
    String.raw`trizone down --cluster 'it'\''s a'`,
  );
  assert.equal(remedyLine({ text: 'Wait' }), undefined);
});

test('an error takes a text, one remedy, or several, and hands them on as data', () => {
  const see = toRun('See', command`trizone runs`);
  assert.deepEqual(remediesOf('Wait'), [{ text: 'Wait' }]);
  assert.deepEqual(remediesOf(''), []);
  assert.deepEqual(new OperatorError('refused', 'm', { remedy: see }).remedies, [see]);
  const error = new OperatorError('refused', 'm', { remedy: [see, { text: 'Wait.' }] });
  assert.equal(error.remedy, 'See: trizone runs. Wait.');
  assert.deepEqual(new OperatorError('internal', 'n', { remedy: error.remedies }).remedies, error.remedies);
  assert.deepEqual(asOperatorError(new Error('x')).remedies, []);
});
