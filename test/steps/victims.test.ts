import assert from 'node:assert/strict';
import test from 'node:test';
import { rankVictims, type Candidate } from '../../src/steps/victims.ts';

test('victims are those with the fewest pods, after what was chosen before, is cordoned or does not serve', () => {
  const node = (name: string, pods: number, more: Partial<Candidate> = {}): Candidate => ({
    ...{ name, pods, known: false, unschedulable: false, ready: true },
    ...more,
  });
  const all = [
    node('n-5', 4),
    node('n-1', 1),
    node('n-2', 0),
    node('n-3', 9, { unschedulable: true }),
    node('n-4', 9, { ready: false }),
    node('n-6', 9, { known: true }),
    node('n-0', 1),
  ];
  assert.deepEqual(rankVictims(all, 7), ['n-6', 'n-3', 'n-4', 'n-2', 'n-0', 'n-1', 'n-5']);
  assert.deepEqual(rankVictims(all, 1), ['n-6']);
});
