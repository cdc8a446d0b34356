import assert from 'node:assert/strict';
import test from 'node:test';
import type { RunRow } from '../../src/ui/runRow.ts';
import type { Validation } from '../../src/ui/snapshot.ts';
import { statusModel } from '../../src/ui/views/statusModel.ts';
import * as given from './statusInputs.ts';

const line = (validations: readonly Validation[], runs: readonly RunRow[] = []) =>
  statusModel(given.input({ validations, runs })).clusters[0]?.lines.find((l) => l.icon === 'validation');

test('the last validation of the cluster is shown with its failed checks', () => {
  assert.deepEqual(line([])?.fact, { tone: 'quiet', text: 'not validated yet' });
  assert.deepEqual(line([given.validation()])?.fact, { tone: 'good', text: 'all 5 checks passed at 10:41' });
  const failed = line([{ ...given.validation(), at: 0 }, given.validation('nodes-ready')]);
  assert.deepEqual(failed?.fact, { tone: 'bad', text: '1 of 5 checks failed at 10:41' });
  assert.deepEqual(failed.details, ['Nodes are Ready: evidence of nodes-ready']);
  assert.equal(line([{ ...given.validation(), cluster: 'other' }])?.fact.text, 'not validated yet');
});

test('a run that ends when the cluster is valid counts as a validation, until a run after it came to no good end', () => {
  const validates = { ...given.step('Validate the cluster', 'done'), id: 'validate:kubernetes' };
  const ran = (minutesAgo: number, more: Partial<RunRow> = {}): RunRow =>
    given.run({ state: 'done', steps: [validates], endedAt: given.now - minutesAgo * 60_000, ...more });
  const text = (...runs: RunRow[]) => line([given.validation()], runs)?.fact.text;
  assert.equal(text(ran(2)), 'all checks passed when the run ended, at 10:43');
  assert.equal(text(ran(1, { steps: [] }), ran(2)), 'all checks passed when the run ended, at 10:43');
  const asked = 'all 5 checks passed at 10:41';
  assert.equal(text(ran(9)), asked);
  assert.equal(text(ran(1, { state: 'failed' }), ran(2)), asked);
  assert.equal(text(ran(1, { verb: 'down', steps: [] }), ran(2)), asked);
  assert.equal(text(ran(2, { cluster: 'other' })), asked);
});
