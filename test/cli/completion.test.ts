import assert from 'node:assert/strict';
import test from 'node:test';
import { cliCommands } from '../../src/cli/commands.ts';
import { candidates, valueOf, type Ask } from '../../src/cli/completion.ts';

const live: Readonly<Record<string, readonly string[]>> = {
  clusters: ['kubernetes', 'prod'],
  zones: ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'],
  masters: ['kubernetes-master', 'kubernetes-master-x7k'],
  pools: ['group'],
  nodes: ['kubernetes-minion-group-1a2b'],
  runs: ['20261130t120000-a1b2'],
};
const ask: Ask = (names) => Promise.resolve(live[names] ?? []);

/** What is typed, the last word in part, and what is proposed in its place. */
const rows: readonly (readonly [string, readonly string[]])[] = [
  ['ma', ['make-ha', 'master']],
  ['master ', ['start', 'repair', 'remove']],
  ['master re', ['repair', 'remove']],
  ['master remove ', ['kubernetes-master', 'kubernetes-master-x7k']],
  ['--cluster prod master remove kubernetes-master-', ['kubernetes-master-x7k']],
  ['node repair ', ['kubernetes-minion-group-1a2b']],
  ['resume ', ['20261130t120000-a1b2']],
  ['runs --forget ', ['20261130t120000-a1b2']],
  ['status --cluster ', ['kubernetes', 'prod']],
  ['status --cluster=p', ['--cluster=prod']],
  ['pool add --zone europe-west1-', live.zones ?? []],
  ['pool remove --pool ', ['group']],
  ['up --zones europe-west1-b,', ['europe-west1-b,europe-west1-c', 'europe-west1-b,europe-west1-d']],
  ['up --ma', ['--machine-type', '--master-type']],
  ['up --machine-type ', []],
  ['status --zo', []],
  ['help mas', ['master']],
  ['help master re', ['repair', 'remove']],
  ['protect o', ['on', 'off']],
  ['kubeconfig --file ', [':files']],
  ['article ', [':files']],
  ['status --output ', ['table', 'json']],
  ['status -o j', ['json']],
  ['runs --output=', ['--output=table', '--output=json']],
  ['status -o json --clu', ['--cluster']],
  ['kubeconfig --output ', [':files']],
  ['up --de', ['--details']],
  ['emulator ', ['stop', 'reset']],
  ['nothing ', []],
];

for (const [typed, expected] of rows)
  test(`completes: trizone ${typed}`, async () => {
    assert.deepEqual(await candidates(typed.split(' '), cliCommands, ask), expected);
  });

test('the first word is one of all commands', async () => {
  const words = new Set(['help', 'version', ...cliCommands.map((c) => c.words.split(' ')[0])]);
  assert.deepEqual(await candidates([''], cliCommands, ask), [...words]);
});

test('the cluster whose names are asked for is read in both spellings, the last word being half typed', () => {
  assert.equal(valueOf({ flag: 'cluster' }, ['master', 'remove', '--cluster', 'prod', '']), 'prod');
  assert.equal(valueOf({ flag: 'cluster' }, ['--cluster=prod', 'master', 'remove', '']), 'prod');
  assert.equal(valueOf({ flag: 'cluster' }, ['master', 'remove', '']), undefined);
  const output = { flag: 'output', short: 'o' };
  for (const line of ['-o json', '-ojson', '--output json', '--output=json'])
    assert.equal(valueOf(output, ['status', ...line.split(' ')]), 'json', line);
});
