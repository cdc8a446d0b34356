import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cliCommands } from '../../src/cli/commands.ts';
import { helpOf, helpText } from '../../src/cli/help.ts';
import { nearest } from '../../src/cli/nearest.ts';
import { requestOf } from '../../src/cli/verbs.ts';
import { parseCommandLine as read } from '../../src/cli/parse.ts';
import { replicate } from '../../src/verbs/replicate.ts';
import { up } from '../../src/verbs/up.ts';
import type { Verb } from '../../src/verbs/verb.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';

const parseCommandLine = (argv: readonly string[]) => read(argv, cliCommands);
const words = cliCommands.map((c) => c.words);

test('the nearest word is the one with the fewest letters to change', () => {
  const known = words;
  const pairs = {
    upp: 'up',
    donw: 'down',
    validat: 'validate',
    resum: 'resume',
    'kube-dwn': 'kube-down',
    statu: 'status',
  };
  for (const [typed, meant] of Object.entries(pairs)) assert.equal(nearest(typed, known), meant, typed);
  assert.equal(nearest('x', []), '');
});

test('a known word is its own nearest, and one wrong letter in a long word does not hide it', () => {
  const known = words.filter((v) => v.length > 5);
  fc.assert(
    fc.property(fc.constantFrom(...known), fc.nat({ max: 30 }), fc.constantFrom('q', '7'), (word, at, letter) => {
      assert.equal(nearest(word, known), word);
      const i = at % word.length;
      assert.equal(nearest(word.slice(0, i) + letter + word.slice(i + 1), known), word);
    }),
  );
});

test('help names every verb and the exit codes', () => {
  const help = helpText(cliCommands);
  for (const c of cliCommands) assert.match(help, new RegExp(`^  ${c.words} .*${c.does.slice(0, 20)}`, 'm'));
  assert.match(help, /Exit codes: 0 success, 1 failure, 2 invalid usage, 3 refused by a guard, 130 cancelled/);
});

test('TRIZONE_ZONE stands in for --zone, and says nothing beside --zones', () => {
  const env = { TRIZONE_ZONE: 'europe-west1-d' };
  const asked = (line: string, verb: Verb) => requestOf(verb, { env }, parseCommandLine(line.split(' ')));
  assert.equal(asked('up', up).zone, 'europe-west1-d');
  assert.equal(asked('up --zone europe-west1-b', up).zone, 'europe-west1-b');
  assert.equal(asked('up --zones europe-west1-b,europe-west1-c', up).zone, undefined);
  assert.equal(asked('replicate', replicate).zone, 'europe-west1-d');
});

test('the help of a command fits a screen and has all its options, examples that are understood, and what it never does', () => {
  for (const c of cliCommands) {
    const help = helpOf(c);
    assert.ok(help.split('\n').length <= 50, `${c.words}: ${help.split('\n').length} lines`);
    for (const { flag, means } of c.options)
      assert.ok(
        help.split('\n').some((line) => /^ {2}(-\w, )?--(\S+)/.exec(line)?.[2] === flag && line.includes(means)),
        flag,
      );
    for (const example of c.examples) {
      const argv = example.replace(/^([A-Z_]+=\S+ )*trizone /, '').replace(/ > .*$/, '');
      assert.equal(parseCommandLine(argv.split(' ')).command, c, example);
    }
    assert.ok(c.examples.length > 0, c.words);
  }
});

test('help and version win over everything else that is said', () => {
  assert.equal(parseCommandLine([]).verb, 'help');
  assert.equal(parseCommandLine(['help', 'up']).verb, 'help');
  assert.equal(parseCommandLine(['up', '--help']).verb, 'help');
  assert.equal(parseCommandLine(['up', '--version']).verb, 'version');
});

test('options are read with their values, before and behind the verb', () => {
  const said = parseCommandLine(['--zone=europe-west1-b', 'up', '--nodes', '5', '--yes']);
  assert.equal(said.verb, 'up');
  assert.equal(said.text('zone'), 'europe-west1-b');
  assert.equal(said.text('nodes'), '5');
  assert.equal(said.text('cluster'), undefined);
  assert.equal(said.flag('yes'), true);
  assert.equal(said.flag('plan'), false);
  assert.deepEqual(parseCommandLine(['resume', 'run-1']).rest, ['run-1']);
});

const wrong: [string[], RegExp, RegExp][] = [
  [['upp'], /^Unknown command: upp$/, /^Did you mean up\?/],
  [['constructor'], /^Unknown command: constructor$/, /Did you mean/],
  [['up', '--zome', 'x'], /^Unknown option: --zome$/, /^Did you mean --zone\?/],
  [['up', '-z'], /^Unknown option: -z$/, /trizone help/],
  [['up', '--zone'], /^Option needs a value: --zone/, /^Use --zone/],
  [['status', '-o'], /^Option needs a value: --output$/, /^Use --output=VALUE$/],
  [['status', '-o', 'yaml'], /^--output must be table or json: yaml$/, /^For example: --output table$/],
  [['up', '--nodes', '-1'], /^Option needs a value: --nodes$/, /^Use --nodes=VALUE$/],
  [['up', '--zone='], /^Option needs a value: --zone$/, /^Use --zone=VALUE, or omit it\.$/],
  [['up', '--yes=no'], /^Option takes no value: --yes$/, /^Use --yes without a value\.$/],
  [['status', '--zone', 'x'], /^status does not accept --zone$/, /^It accepts: --cluster --project/],
  [['down', '--yes'], /^down does not accept --yes$/, /--yes-delete/],
  [['status', 'all'], /^Unexpected arguments after status: all$/, /trizone status --help/],
  [['resume', 'a', 'b'], /^Unexpected arguments after resume: a b$/, /trizone resume --help/],
];

for (const [argv, message, remedy] of wrong) {
  test(`refuses: ${argv.join(' ')}`, () => {
    assert.throws(
      () => parseCommandLine(argv),
      (e) => {
        assert.ok(OperatorError.is(e, 'invalid-input'), String(e));
        assert.match(e.message, message);
        assert.match(e.remedy ?? '', remedy);
        return true;
      },
    );
  });
}

test('whatever is typed, it is read or refused in words', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('--zone', '--yes', 'up', '--', '-', '--=', '--zone=', 'resume'));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      try {
        parseCommandLine(argv);
      } catch (e) {
        assert.ok(OperatorError.is(e, 'invalid-input'), String(e));
        assert.notEqual(e.remedy ?? '', '');
      }
    }),
    { numRuns: 1000 },
  );
});
