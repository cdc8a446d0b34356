import '../support/lean.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { cliCommands } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { cloudWorld } from '../support/cloudWorld.ts';
import { small } from '../world/stories.ts';
import { zoneB } from '../world/verbs.ts';
import { listen } from './listening.ts';

test('a plan is told by groups, with what costs or is at risk; --details tells every step with its gcloud line', async (t) => {
  const p = await (await cloudWorld(t, 'plan')).program();
  const { said } = await listen(p, `up --zone ${zoneB} --plan`);
  const lines = said.join('\n').split('\n');
  assert.match(lines[0] ?? '', /^Create cluster kubernetes in europe-west1-b on /);
  assert.deepEqual(lines.slice(2, 9), [
    '  Access          +6',
    '  Network        +12  ~1',
    '  Load balancer   +7',
    '  Disks           +1',
    '  Masters         +1      …1',
    '  Nodes           +2      …2',
    '  Cluster                 …1',
  ]);
  assert.equal(lines.filter((line) => line.endsWith(' [billing]')).length, 6);
  assert.ok(lines.some((line) => /^ {2}\+ Allow access to the API: tcp:443 from .* \[endpoint\]$/.test(line)));
  assert.ok(lines.includes('  29 to create, 1 to change, 0 to delete; 6 of them billed while they exist.'));
  assert.ok(!lines.some((line) => line.includes('gcloud compute')), 'a gcloud line without --details');

  const all = (await listen(p, `up --zone ${zoneB} --plan --details`)).said.join('\n').split('\n');
  assert.equal(all.filter((line) => /^ {2}[+~-] /.test(line)).length, 30);
  assert.ok(all.includes('      gcloud compute addresses create kubernetes-master-ip --region=europe-west1'));
  assert.ok(all.includes('  29 to create, 1 to change, 0 to delete; 6 of them billed while they exist.'));
});

test('a few deletions are named; those of a whole cluster are counted', async (t) => {
  const w = await small(t, 'deletes');
  const p = await w.program();
  const few = (await listen(p, `pool remove --zone ${zoneB} --plan`)).said.join('\n');
  assert.match(few, /^ {2}Nodes +-\d/m);
  assert.match(few, /^ {2}- Delete node pool kubernetes-minion-group in europe-west1-b/m);
  const all = (await listen(p, 'down --plan')).said.join('\n');
  assert.match(all, /^ {2}Network +-12$/m);
  assert.doesNotMatch(all, /Delete network/);
  assert.match(all, /Delete secret kubernetes-pki \[data\]/);
});

test('--details is an option of every command that plans', () => {
  const planning = cliCommands.filter((c) => c.options.some((o) => o.flag === 'plan'));
  assert.ok(planning.length > 15);
  for (const { words } of planning)
    assert.equal(parseCommandLine([...words.split(' '), '--details'], cliCommands).flag('details'), true, words);
});
