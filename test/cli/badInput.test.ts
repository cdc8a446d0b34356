import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { bareEnvironment, emulatorProcess, trizone, type Ended, type Environment } from '../support/commandLine.ts';
import { rows, type BadInput } from './badInput.ts';

/** Whatever was typed, nobody reads a stack trace or of a defect. */
const assertRefused = (ended: Ended, exit: number, says: RegExp, proposes = /^ {2}\S/): void => {
  const all = `${ended.out}\n${ended.err}`;
  assert.equal(ended.code, exit, all);
  assert.doesNotMatch(all, /^\s+at .+:\d+:\d+\)?$/m);
  assert.doesNotMatch(all, /\(internal\)|Unexpected error/);
  const lines = ended.err.trimEnd().split('\n');
  const at = lines.findLastIndex((line) => line.startsWith('Error ('));
  assert.match(lines[at] ?? '', says);
  assert.match(lines.slice(at + 1).join('\n'), proposes);
};

/** Files and folders that the rows name as `$HOME/…`. */
const prepare = (home: string, state: string): void => {
  const put = (name: string, text: string): void => writeFileSync(join(home, name), text);
  put('file', 'no folder');
  put('token', 'of another emulator');
  put('broken.json', '[{');
  put('noList.json', '{}');
  put('unknownFault.json', '[{"match":{},"fault":"explodes"}]');
  put('unknownMatch.json', '[{"match":{"kindd":"x"},"fault":"resetBefore"}]');
  put('broken.yaml', 'clusters: [');
  put('list.yaml', 'clusters: 7\n');
  mkdirSync(join(home, 'folder'));
  mkdirSync(join(home, 'readonly'));
  chmodSync(join(home, 'readonly'), 0o500);
  const runs = join(state, 'runs');
  const [made = ''] = readdirSync(runs).filter((file) => file.endsWith('.jsonl'));
  const [first = ''] = readFileSync(join(runs, made), 'utf8').split('\n');
  const run = { ...(JSON.parse(first) as object), at: 1 };
  const write = (name: string, more: object): void =>
    writeFileSync(join(runs, `${name}.jsonl`), `${JSON.stringify({ ...run, run: name, input: {}, ...more })}\n`);
  write('newer', { version: 9 });
  write('strange', {});
  write('elsewhere', { project: 'other-project' });
  write('early', { cloud: undefined, uid: undefined });
  writeFileSync(join(runs, 'damaged.jsonl'), '{"type":"plan"');
};

const filled = (row: BadInput, home: string, env: Environment): { args: string[]; env: Environment } => {
  const fill = (text: string): string =>
    text.replaceAll('$HOME', home).replaceAll('$ENDPOINT', env.TRIZONE_ENDPOINT ?? '');
  const more = Object.entries(row.env ?? {}).map(([name, value]) => [name, fill(value)] as const);
  return { args: row.args.map(fill), env: { ...env, ...Object.fromEntries(more) } };
};

test(
  'every wrong command line, variable and file is refused with the rule and a proposal, and changes nothing',
  { concurrency: 8 },
  async (t) => {
    const { env, home, state, endpoint } = await emulatorProcess(t, 0.005);
    const made = await trizone(['up', '--zone', 'europe-west1-b', '--yes'], env);
    assert.equal(made.code, 0, made.err);
    prepare(home, state);
    const headers = { authorization: `Bearer ${readFileSync(join(state, 'token'), 'utf8')}` };
    const everything = async (): Promise<unknown> => (await fetch(`${endpoint}/emulator/state`, { headers })).json();
    const before = await everything();
    // Who is root may write everywhere.
    const able = rows.filter((row) => row.asRoot !== false || process.getuid?.() !== 0);
    await Promise.all(
      able.map((row) =>
        t.test(row.what, async () => {
          const { args, env: variables } = filled(row, home, env);
          assertRefused(await trizone(args, variables), row.exit, row.says, row.proposes);
        }),
      ),
    );
    assert.deepEqual(await everything(), before);
  },
);

const cloudVerbs: string[][] = [
  ['up', '--zone', 'europe-west1-b', '--yes'],
  ['down', '--yes-delete', 'kubernetes'],
  ...['validate', 'status', 'kubeconfig', 'leftovers', 'resume', 'undo'].map((verb) => [verb]),
  ['kube-up', '--yes'],
  ['kube-down', '--yes'],
];

test(
  'with neither an endpoint nor a Google sign-in every verb says how to get either, also while an emulator runs',
  { concurrency: 8 },
  async (t) => {
    const { state, home } = await emulatorProcess(t, 0.005);
    const nobody = bareEnvironment(join(home, 'folder'));
    const environments = { 'nothing runs': nobody, 'an emulator runs': { ...nobody, TRIZONE_STATE: state } };
    await Promise.all(
      Object.entries(environments).flatMap(([what, env]) =>
        cloudVerbs.map((args) =>
          t.test(`${args.join(' ')}: ${what}`, async () => {
            const ended = await trizone(args, env);
            assertRefused(
              ended,
              3,
              /^Error \(no-cloud\): No cloud configured: found neither an emulator endpoint nor a project/,
            );
            assert.match(ended.err, /gcloud auth application-default login/);
            assert.match(ended.err, /trizone emulator/);
          }),
        ),
      ),
    );
  },
);

test('with --json the refusal is one document', async (t) => {
  const { env } = await emulatorProcess(t, 0.005);
  const ended = await trizone(['up', '--zone', 'nowhere', '--json'], env);
  assert.equal(ended.code, 2);
  assert.deepEqual(JSON.parse(ended.out), {
    error: {
      code: 'invalid-input',
      message: 'Invalid zone name, expected REGION-LETTER: "nowhere"',
      remedy: 'For example: europe-west1-b',
    },
  });
});
