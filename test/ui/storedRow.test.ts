import assert from 'node:assert/strict';
import test from 'node:test';
import type { JournalRecord, StoredRun } from '../../src/engine/journalRecords.ts';
import type { Holder } from '../../src/engine/lease.ts';
import { message } from '../../src/lib/message.ts';
import { storedRow } from '../../src/ui/storedRow.ts';

const step = (id: string) => ({ id, title: message('Create {0}', id), expectedMs: 10_000 });
const plan = {
  type: 'plan',
  version: 1,
  run: 'r1',
  verb: 'up',
  cluster: 'kubernetes',
  project: 'demo',
  at: 1_000_000,
  input: {},
  timeScale: 0.02,
  expectedMs: 30_000,
  steps: [step('a:1'), step('b:2'), step('c:3')],
} as const satisfies JournalRecord;
const intent = (id: string, at: number): JournalRecord => ({ type: 'intent', step: id, attempt: 1, do: 'create', at });
const done = (id: string, ms: number): JournalRecord => ({ type: 'done', step: id, ms });
const failed: JournalRecord = {
  type: 'failed',
  step: 'b:2',
  code: 'quota',
  message: 'Quota exceeded: CPUS',
  remedy: 'Ask for more.',
  definite: true,
};

const run = (records: JournalRecord[], state?: StoredRun['state']): StoredRun => ({
  plan: { ...plan, steps: [...plan.steps] },
  records: [{ ...plan, steps: [...plan.steps] }, ...records],
  state,
  readOnly: false,
});
const holder = (pid: number, of = 'r1'): Holder => ({ pid, host: 'h', verb: 'up', run: of, since: 0 });
const states = (r: ReturnType<typeof storedRow>): string[] => r.steps.map((s) => s.state);

test('a run that lives: who does it, what runs and for how long, in cluster time', () => {
  const stored = run([intent('a:1', 1_000_000), done('a:1', 9_000), intent('b:2', 1_000_200)]);
  const here = storedRow(stored, { holder: holder(7), pid: 7, now: 1_000_300 });
  assert.equal(here.state, 'running');
  assert.deepEqual(states(here), ['done', 'running', 'pending']);
  assert.equal(here.steps[0]?.ms, 9_000);
  assert.equal(here.steps[1]?.ms, 100 / 0.02);
  assert.equal(here.ms, 300 / 0.02);
  const there = storedRow(stored, { holder: holder(8), pid: 7, now: 1_000_300 });
  assert.deepEqual([there.state, there.pid], ['elsewhere', 8]);
});

test('a run whose process is gone is interrupted, also while another run holds the cluster', () => {
  const stored = run([intent('a:1', 1_000_000), done('a:1', 9_000), intent('b:2', 1_000_200)]);
  for (const other of [undefined, holder(9, 'r2')]) {
    const row = storedRow(stored, { holder: other, pid: 7, now: 9_000_000 });
    assert.equal(row.state, 'interrupted');
    assert.deepEqual(states(row), ['done', 'stopped', 'pending']);
    assert.equal(row.ms, 200 / 0.02);
    assert.equal(row.pid, undefined);
  }
});

test('a failed run says where, why and what to do; a done one what was so already', () => {
  const around = { holder: undefined, pid: 7, now: 9_000_000 };
  const end = (state: 'failed' | 'done'): JournalRecord => ({ type: 'ended', state, at: 1_000_400 });
  const broken = storedRow(run([intent('b:2', 1_000_000), failed, end('failed')], 'failed'), around);
  assert.deepEqual(states(broken), ['pending', 'failed', 'pending']);
  assert.equal(broken.problem?.message, 'Quota exceeded: CPUS');
  assert.equal(broken.problem.remedy, 'Ask for more.');
  const fine = storedRow(run([intent('a:1', 1_000_000), done('a:1', 1), end('done')], 'done'), around);
  assert.deepEqual(states(fine), ['done', 'same', 'same']);
  assert.equal(fine.ms, 400 / 0.02);
});

test('what to do is read part by part, or as the one line that an earlier Trizone wrote', () => {
  const around = { holder: undefined, pid: 7, now: 9_000_000 };
  const see = { text: 'See', command: 'trizone', arguments: ['status'] };
  for (const remedies of [undefined, [see]]) {
    const record = { ...failed, remedy: 'See: trizone status', ...(remedies && { remedies }) };
    const row = storedRow(run([intent('b:2', 1_000_000), record], 'failed'), around);
    assert.deepEqual([row.problem?.remedy, row.problem?.remedies], ['See: trizone status', remedies]);
  }
});

test('a run that was resumed took the time in which somebody worked on it', () => {
  const records: JournalRecord[] = [
    intent('a:1', 1_000_100),
    { type: 'resumed', at: 5_000_000, pid: 7 },
    done('a:1', 1),
    { type: 'ended', state: 'done', at: 5_000_050 },
  ];
  assert.equal(storedRow(run(records, 'done'), { holder: undefined, pid: 1, now: 0 }).ms, 150 / 0.02);
});

test('what a run does, whether it can be undone, and what is typed before it goes on are as its journal says', () => {
  const around = { holder: undefined, pid: 7, now: 9_000_000 };
  const told = { label: 'Remove master from {0}', adds: false, typed: 'kubernetes-master-x7k' };
  const stored = run([intent('a:1', 1_000_000)]);
  const row = storedRow({ ...stored, plan: { ...stored.plan, ...told } }, around);
  assert.deepEqual([row.label, row.adds, row.removes], ['Remove master from {0}', false, 'kubernetes-master-x7k']);
  const harmless = storedRow({ ...stored, plan: { ...stored.plan, label: 'Create {0}', adds: true } }, around);
  assert.deepEqual([harmless.adds, harmless.removes], [true, undefined]);
  const early = storedRow(stored, around);
  assert.deepEqual([early.label, early.adds, early.removes], ['up {0}', false, 'kubernetes'], 'an earlier Trizone');
});
