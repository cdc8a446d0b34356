import '../support/lean.ts';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { cliCommands } from '../../src/cli/commands.ts';
import { helpOf } from '../../src/cli/help.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { emulatorProcess, trizone } from '../support/commandLine.ts';
import { small } from '../world/stories.ts';
import { listen } from './listening.ts';

/** The fields of a document, one path each; lists are taken at their first element. */
const fields = (value: unknown, at = ''): string[] => {
  if (Array.isArray(value)) return value.length === 0 ? [`${at}[]`] : fields(value[0], `${at}[]`);
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([key, of]) =>
    of === undefined ? [] : fields(of, at === '' ? key : `${at}.${key}`),
  );
};

const machine = (at: string): string[] =>
  ['name', 'zone', 'machineType', 'status', 'node'].map((key) => `${at}.${key}`);

/** What README documents. */
const documented: Readonly<Record<string, readonly string[]>> = {
  status: [
    'cloud',
    ...['name', 'uid', 'region', 'endpoint', 'protected'].map((key) => `clusters[].${key}`),
    ...machine('clusters[].masters[]'),
    ...['etcd', 'backend', 'certificatesEnd'].map((key) => `clusters[].masters[].${key}`),
    ...['name', 'zone', 'size', 'stable'].map((key) => `clusters[].pools[].${key}`),
    ...machine('clusters[].pools[].nodes[]'),
  ],
  validate: ['cluster', 'valid', ...['id', 'ok', 'evidence'].map((key) => `checks[].${key}`)],
  leftovers: ['cloud', 'leftovers[]'],
  runs: [
    ...['run', 'verb', 'cluster', 'project', 'state', 'started', 'stepsDone'].map((key) => `runs[].${key}`),
    'unread[]',
  ],
};

// A busy computer answers some requests so late that they are asked again.
const saidIn = (err: string): string[] =>
  err.split('\n').filter((line) => line !== '' && !line.startsWith('Request timed out: '));

test('what lists say to programs has the documented fields and no others, and nothing else is said', async (t) => {
  const { env } = await emulatorProcess(t, 0.02);
  const made = await trizone(['up', '--zone', 'europe-west1-b', '--nodes', '1', '--yes'], env);
  assert.equal(made.code, 0, made.err);
  for (const [words, expected] of Object.entries(documented)) {
    const { code, out, err } = await trizone([words, '-o', 'json'], env);
    assert.deepEqual([code, saidIn(err)], [0, []], words);
    assert.deepEqual(fields(JSON.parse(out)).sort(), [...expected].sort(), words);
    assert.equal((await trizone([words, '--json'], env)).out.length, out.length, `${words} --json`);
  }
  const readme = readFileSync('README.md', 'utf8');
  for (const key of new Set(
    Object.values(documented)
      .flat()
      .flatMap((path) => path.match(/\w+/g) ?? []),
  ))
    assert.match(readme, new RegExp(`\\b${key}\\b`), `README does not tell of ${key}`);
});

test('a cluster that is not valid is one document, too, and the exit code says so', async (t) => {
  const { env, state, endpoint } = await emulatorProcess(t, 0.02);
  const made = await trizone(['up', '--zone', 'europe-west1-b', '--nodes', '1', '--yes'], env);
  assert.equal(made.code, 0, made.err);
  const stop = `${endpoint}/compute/v1/projects/demo/zones/europe-west1-b/instances/kubernetes-master/stop`;
  const headers = { authorization: `Bearer ${readFileSync(join(state, 'token'), 'utf8')}` };
  assert.equal((await fetch(stop, { method: 'POST', headers })).status, 200);
  const { code, out, err } = await trizone(['validate', '--output', 'json'], env);
  assert.equal(code, 1, err);
  const told = JSON.parse(out) as { valid: boolean; checks: { id: string; ok: boolean }[] };
  assert.equal(told.valid, false);
  assert.match(err, /^Error \(kubernetes\): Cluster kubernetes is not valid/m);
  const nobody = await trizone(['validate', '--cluster', 'nobody', '-o', 'json'], env);
  assert.equal((JSON.parse(nobody.out) as { error: { code: string } }).error.code, 'not-found');
});

test('for people they are tables with headings', async (t) => {
  const p = await (await small(t, 'lists')).program();
  const { said } = await listen(p, 'status');
  const lines = said.join('\n').split('\n');
  assert.match(lines[0] ?? '', /^kubernetes {3}1 master .* 1 node · europe-west1$/);
  assert.match(lines[3] ?? '', /^NAME +ROLE +ZONE +MACHINE +NODE +ETCD +BACKEND$/);
  assert.match(lines[4] ?? '', /^kubernetes-master +master +europe-west1-b +RUNNING +Ready +leader +healthy$/);
  assert.match(lines[5] ?? '', /^kubernetes-minion-group +pool +europe-west1-b +1\/1 Ready$/);
  assert.match(lines[6] ?? '', /^kubernetes-minion-group-\w+ +node +europe-west1-b +RUNNING +Ready$/);
  assert.match((await listen(p, 'leftovers')).said.join('\n'), /^0 leftovers in /);
});

test('--output is told by help, and takes table or json only', () => {
  const lists = cliCommands.filter((c) => c.options.some((o) => o.choices !== undefined));
  assert.deepEqual(
    lists.map((c) => c.words),
    Object.keys(documented),
  );
  for (const c of lists) {
    assert.match(helpOf(c), /^ {2}-o, --output table\|json {2}/m);
    const refused = { code: 'invalid-input', message: '--output must be table or json: yaml' };
    assert.throws(() => parseCommandLine([c.words, '-o', 'yaml'], cliCommands), refused);
  }
  assert.equal(parseCommandLine(['kubeconfig', '--output', 'own.conf'], cliCommands).text('output'), 'own.conf');
});
