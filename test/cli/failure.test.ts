import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { printError } from '../../src/cli/failure.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { command, toRun, toVisit, type Remedies } from '../../src/lib/remedy.ts';

const printed = (remedy: Remedies | undefined): string[] => {
  const log: string[] = [];
  const t = {
    json: false,
    env: {},
    document: () => undefined,
    log: (text: string) => void log.push(stripVTControlCharacters(text)),
  };
  printError(t, new OperatorError('refused', 'No', { remedy }));
  return log;
};

test('what can be pasted or opened stands on a line of its own under the error', () => {
  assert.deepEqual(printed('Wait for it.'), ['Error (refused): No', '  Wait for it.']);
  assert.deepEqual(printed(toRun('Take it away', command`trizone down`)), [
    'Error (refused): No',
    '  Take it away:',
    '    trizone down',
  ]);
  assert.deepEqual(
    printed([toVisit('Ask for more', 'https://example.org'), toRun('', command`trizone resume`)]).slice(1),
    ['  Ask for more:', '    https://example.org', '    trizone resume'],
  );
  assert.deepEqual(printed(undefined), ['Error (refused): No']);
});
