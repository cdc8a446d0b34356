import assert from 'node:assert/strict';
import test from 'node:test';
import { green, wantsColour } from '../../src/cli/paint.ts';
import { cliCommands } from '../../src/cli/commands.ts';
import { outputPreferences } from '../../src/cli/outputPreferences.ts';
import { bareEnvironment, run, program, trizone } from '../support/commandLine.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

type Variables = Readonly<Record<string, string>>;

/** Variables, on a terminal or not, what else is said, and whether there are colours. */
const rows: readonly (readonly [env: Variables, isTerminal: boolean, words: string, coloured: boolean])[] = [
  [{ TERM: 'xterm' }, true, 'status', true],
  [{ TERM: 'xterm' }, false, 'status', false],
  [{ TERM: 'dumb' }, true, 'status', false],
  [{ NO_COLOR: '1' }, true, 'status', false],
  [{ NO_COLOR: '0' }, true, 'status', false],
  [{ NO_COLOR: '' }, true, 'status', true],
  [{ FORCE_COLOR: '1' }, false, 'status', true],
  [{ FORCE_COLOR: '1', TERM: 'dumb' }, true, 'status', true],
  [{ FORCE_COLOR: '0' }, true, 'status', false],
  [{ FORCE_COLOR: 'false' }, true, 'status', false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, 'status', false],
  [{ FORCE_COLOR: '1' }, true, 'status --no-color', false],
  [{ FORCE_COLOR: '1' }, true, 'status --json', false],
  [{ FORCE_COLOR: '1' }, true, 'status --output json', false],
  [{ FORCE_COLOR: '1' }, true, 'status --output=json', false],
  [{ FORCE_COLOR: '1' }, true, 'status -o json', false],
  [{ FORCE_COLOR: '1' }, true, '-ojson status', false],
  [{ FORCE_COLOR: '1' }, true, 'status -o table', true],
  [{ FORCE_COLOR: '1' }, true, 'kubeconfig --output json', true],
  [{ FORCE_COLOR: '1' }, true, 'article --json report.json', true],
];

for (const [env, isTerminal, words, coloured] of rows)
  test(`${coloured ? 'colours' : 'no colours'}: ${words} ${isTerminal ? 'on a terminal' : 'in a pipe'} ${JSON.stringify(env)}`, () => {
    assert.equal(wantsColour(outputPreferences(words.split(' '), env, cliCommands), isTerminal), coloured);
  });

test('a colour is put on whatever the environment of this process says', () => {
  assert.equal(green('yes'), '\u001b[32myes\u001b[39m');
});

test('the program as it ships: coloured where it is forced, plain in a pipe', async (t) => {
  const env = { ...bareEnvironment(temporaryFolder(t)) };
  const forced = await trizone(['upp'], { ...env, FORCE_COLOR: '1' });
  assert.ok(forced.err.startsWith('\u001b[31mError (invalid-input):\u001b[39m'));
  assert.match((await trizone(['upp'], env)).err, /^Error \(invalid-input\):/);
});

test(
  'the program as it ships, on a terminal: coloured, unless NO_COLOR or a dumb terminal forbids it',
  { skip: process.platform !== 'linux' && 'needs script of util-linux' },
  async (t) => {
    const env = { ...bareEnvironment(temporaryFolder(t)), TERM: 'xterm' };
    const line = `'${process.execPath}' '${program}' upp`;
    const onTerminal = async (more: Variables): Promise<string> =>
      (await run('script', ['--quiet', '--return', '--command', line, '/dev/null'], { ...env, ...more })).out;
    assert.ok((await onTerminal({})).includes('\u001b[31m'));
    assert.ok(!(await onTerminal({ NO_COLOR: '1' })).includes('\u001b'));
    assert.ok(!(await onTerminal({ TERM: 'dumb' })).includes('\u001b'));
  },
);
