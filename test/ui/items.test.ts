import { message } from '../../src/lib/message.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { command, toRun } from '../../src/lib/remedy.ts';
import type { RunRow } from '../../src/ui/runRow.ts';
import { untranslated } from '../../src/ui/translate.ts';
import type { Speaker } from '../../src/ui/words.ts';
import { activityItems } from '../../src/ui/views/activityItems.ts';
import { clusterItems } from '../../src/ui/views/clusterItems.ts';
import { itemText, type Item } from '../../src/ui/views/item.ts';
import { cluster, master, snapshot, zones } from './snapshots.ts';

const speaker: Speaker = { t: untranslated, locale: 'en', now: Date.parse('2026-11-24T12:00:00') };
const all = (items: readonly Item[]): Item[] => items.flatMap((i) => [i, ...all(i.children)]);

test('the tree: masters and pools in their zones, empty zones too, then the endpoint', () => {
  assert.equal(
    itemText(clusterItems(snapshot(), zones, speaker)),
    [
      'kubernetes  1 master · tolerates no failures · 3 nodes · europe-west1',
      '  europe-west1-b  1 master · 3 nodes',
      '    kubernetes-master  leader · healthy · Ready',
      '    kubernetes-minion-group  3/3 Ready · e2-standard-2',
      '      kubernetes-minion-group-a1b2  Ready',
      '      kubernetes-minion-group-c3d4  Ready',
      '      kubernetes-minion-group-e5f6  Ready',
      '  europe-west1-c  empty',
      '  europe-west1-d  empty',
      '  Endpoint 34.76.1.9  1/1 backends healthy',
      '',
    ].join('\n'),
  );
});

test('an API that does not answer is said first, with since when, and what it said before is kept', () => {
  const since = Date.parse('2026-11-24T10:41:00');
  const c = cluster({ unreachable: 'The Kubernetes API is not responding', unreachableSince: since });
  const text = itemText(clusterItems(snapshot({ clusters: [c] }), zones, speaker));
  assert.match(text, /^kubernetes .*\n {2}API unreachable since 10:41 {2}The Kubernetes API is not responding\n/);
  assert.match(text, /leader · healthy · Ready/);
});

test('Compute Engine’s word stands beside Kubernetes’ where it is not RUNNING, and the icon says so too', () => {
  const c = cluster({
    masters: [master({ status: 'TERMINATED', node: 'NotReady', etcd: 'unknown', backend: 'unhealthy' })],
  });
  const [row] = all(clusterItems(snapshot({ clusters: [c] }), zones, speaker)).filter(
    (i) => i.label === 'kubernetes-master',
  );
  assert.equal(row?.description, 'TERMINATED · unhealthy · NotReady · etcd unknown');
  assert.deepEqual([row.icon, row.color], ['vm', 'testing.iconFailed']);
});

test('a zone that cannot be reached says so, and is not drawn as an empty one', () => {
  const c = cluster({ unreachableZones: ['europe-west1-d'] });
  const [zone] = all(clusterItems(snapshot({ clusters: [c] }), zones, speaker)).filter(
    (i) => i.label === 'europe-west1-d',
  );
  assert.deepEqual([zone?.description, zone?.icon, zone?.context], ['unreachable', 'warning', 'zone named']);
});

test('a master whose certificates end within a month says so first', () => {
  const day = 86_400_000;
  const shown = (days: number): (string | undefined)[] => {
    const c = cluster({ masters: [master({ certificatesEnd: speaker.now + days * day })] });
    const found = all(clusterItems(snapshot({ clusters: [c] }), zones, speaker)).find(
      (i) => i.label === 'kubernetes-master',
    );
    return [found?.description, found?.color];
  };
  const warned = 'list.warningForeground';
  assert.deepEqual(shown(30), ['leader · healthy · Ready', 'testing.iconPassed']);
  assert.deepEqual(shown(29), ['certificates expire in 29 days · leader · healthy · Ready', warned]);
  assert.deepEqual(shown(1.5), ['certificates expire in 1 day · leader · healthy · Ready', warned]);
  assert.deepEqual(shown(-0.5), ['certificates have expired · leader · healthy · Ready', warned]);
});

const row = (more: Partial<RunRow>): RunRow => ({
  run: 'r1',
  verb: 'up',
  label: 'Create {0}',
  adds: true,
  cluster: 'kubernetes',
  project: 'demo',
  at: Date.parse('2026-11-24T10:41:00'),
  state: 'running',
  pid: 7,
  steps: [
    {
      id: 'a:1',
      title: message('Create network'),
      state: 'done',
      expectedMs: 9_000,
      ms: 12_300,
      text: '',
      problem: undefined,
    },
    {
      id: 'b:2',
      title: message('Create subnet'),
      state: 'running',
      expectedMs: 20_000,
      ms: 5_000,
      text: 'RUNNING',
      problem: undefined,
    },
    {
      id: 'c:3',
      title: message('Create health check'),
      state: 'pending',
      expectedMs: 70_000,
      ms: undefined,
      text: '',
      problem: undefined,
    },
  ],
  ms: 17_000,
  expectedMs: 100_000,
  problem: undefined,
  readOnly: false,
  ...more,
});

test('a run: its steps side by side with elapsed and usual time and what they say', () => {
  assert.equal(
    itemText(activityItems([row({})], speaker)),
    [
      'Create kubernetes  running · 1/3 steps · 17 s of about 1 min 40 s · 10:41',
      '  Create subnet  5 s of about 20 s · RUNNING',
      '  Create health check  about 1 min 10 s',
      '  Create network  12 s',
      '',
    ].join('\n'),
  );
});

test('what can be done to a run follows from its state', () => {
  const contexts = (
    ['running', 'elsewhere', 'interrupted', 'failed', 'cancelled', 'done', 'undone', 'planned'] as const
  ).map((state) => [state, activityItems([row({ state })], speaker)[0]?.context]);
  assert.deepEqual(Object.fromEntries(contexts), {
    running: 'run cancellable',
    elsewhere: 'run',
    interrupted: 'run resumable undoable',
    failed: 'run resumable undoable',
    cancelled: 'run resumable undoable',
    done: 'run undoable',
    undone: 'run',
    planned: 'plan',
  });
  assert.equal(
    activityItems([row({ state: 'failed', verb: 'down', adds: false })], speaker)[0]?.context,
    'run resumable',
  );
  assert.equal(activityItems([row({ state: 'failed', readOnly: true })], speaker)[0]?.context, 'run');
});

/** The rows of a run whose one step has failed with this. */
const failedRun = (problem: NonNullable<RunRow['problem']>) => {
  const title = message('Create subnet');
  const step = { id: 'b:2', title, state: 'failed', expectedMs: 0, ms: 1, text: '', problem } as const;
  return activityItems([row({ state: 'failed', steps: [step], problem })], speaker);
};

test('a failed step opens to its error and its remedy', () => {
  const problem = { code: 'quota', message: 'Quota exceeded: CPUS', remedy: 'Ask for more.' };
  const [run] = failedRun(problem);
  assert.deepEqual(
    run?.children[0]?.children.map((i) => i.label),
    ['Quota exceeded: CPUS', 'Ask for more.'],
  );
});

test('what to do is a row each, and copying it copies the line to paste', () => {
  const remedies = [toRun('See', command`trizone status`), { text: 'Wait.' }];
  const problem = { code: 'quota', message: 'm', remedy: 'See: trizone status. Wait.', remedies };
  const [run] = failedRun(problem);
  assert.deepEqual(
    run?.children[0]?.children.slice(1).map((i) => [i.label, i.target.name]),
    [
      ['See: trizone status', 'trizone status'],
      ['Wait.', 'Wait.'],
    ],
  );
});

test('ids are unique, so that the tree keeps what is expanded', () => {
  const ids = all([...clusterItems(snapshot(), zones, speaker), ...activityItems([row({})], speaker)]).map((i) => i.id);
  assert.equal(new Set(ids).size, ids.length);
});
