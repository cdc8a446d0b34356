import assert from 'node:assert/strict';
import test from 'node:test';
import type { MasterStatus } from '../../src/model/clusterStatus.ts';
import type { RunRow } from '../../src/ui/runRow.ts';
import type { StatusModel } from '../../src/ui/views/statusMessages.ts';
import { statusModel } from '../../src/ui/views/statusModel.ts';
import * as given from './statusInputs.ts';
import { cluster, input, master, pool, snapshot, zones } from './statusInputs.ts';

const [b, c, d] = zones;
const first = (m: StatusModel) => m.clusters[0]!;
const ofMasters = (masters: MasterStatus[]) =>
  first(statusModel(input({ snapshot: snapshot([cluster(masters, [])]) })));
const down = { status: 'TERMINATED' } as const;

/** Masters, and what is said of them: tone, headline, details. */
const verdicts: [string, MasterStatus[], string, string, string[]][] = [
  ['none', [], 'quiet', 'No master yet', []],
  [
    'one',
    [master(b)],
    'warn',
    '1 voter: tolerates no failures',
    ['Losing europe-west1-b takes down the control plane.'],
  ],
  [
    'two',
    [master(b), master(c)],
    'warn',
    '2 voters: tolerates no failures, worse than 1 voter',
    ['Both must be running. Add a third master to tolerate one failure.'],
  ],
  [
    'three zones',
    [master(b), master(c), master(d)],
    'good',
    '3 voters: any 1 can fail',
    ['Tolerates the loss of any one zone.'],
  ],
  [
    'three in two zones',
    [master(b), master(c), master(c, { name: 'other' })],
    'warn',
    '3 voters: any 1 can fail',
    ['europe-west1-c holds 2 of 3 voters: losing it breaks quorum.'],
  ],
  [
    'four',
    [master(b), master(c), master(d), master('europe-west1-e')],
    'good',
    '4 voters: any 1 can fail',
    ['Tolerates no more failures than 3 voters.', 'Tolerates the loss of any one zone.'],
  ],
  [
    'five',
    [master(b), master(b, { name: 'b2' }), master(c), master(c, { name: 'c2' }), master(d)],
    'good',
    '5 voters: any 2 can fail',
    ['Tolerates the loss of any one zone.'],
  ],
  [
    'a learner beside one',
    [master(b), master(c, { etcd: 'learner' })],
    'warn',
    '1 voter: tolerates no failures',
    [
      'Losing europe-west1-b takes down the control plane.',
      'kubernetes-master-c7x is a learner: it does not vote yet.',
    ],
  ],
  [
    'one of three stopped',
    [master(b), master(c, down), master(d)],
    'warn',
    '1 voter is down: none of the other 2 can fail',
    ['Down: kubernetes-master-c7x'],
  ],
  [
    'one of three NotReady',
    [master(b), master(c, { node: 'NotReady' }), master(d)],
    'warn',
    '1 voter is down: none of the other 2 can fail',
    ['Down: kubernetes-master-c7x'],
  ],
  [
    'one of five stopped',
    [master(b), master(b, { name: 'b2' }), master(c, down), master(c, { name: 'c2' }), master(d)],
    'warn',
    '1 voter is down: any 1 of the other 4 can fail',
    ['Down: kubernetes-master-c7x'],
  ],
  [
    'two of five stopped',
    [master(b), master(b, { name: 'b2' }), master(c, down), master(c, { name: 'c2', ...down }), master(d)],
    'warn',
    '2 voters are down: none of the other 3 can fail',
    ['Down: kubernetes-master-c7x, c2'],
  ],
  [
    'two of three stopped',
    [master(b), master(c, down), master(d, down)],
    'bad',
    'Quorum lost: 1 of 3 voters running, 2 required',
    ['Down: kubernetes-master-c7x, kubernetes-master-d7x'],
  ],
  ['one that is no member', [master(b, { etcd: 'none' })], 'warn', 'No voter yet', []],
];

for (const [what, masters, tone, headline, details] of verdicts) {
  test(`what may fail: ${what}`, () => {
    const { quorum } = ofMasters(masters);
    assert.deepEqual(
      { tone: quorum.tone, headline: quorum.headline, details: quorum.details },
      { tone, headline, details },
    );
  });
}

test('there is one pip for each member, and its shape says how it is', () => {
  const { quorum } = ofMasters([master(b), master(c, down), master(d, { etcd: 'learner' })]);
  assert.deepEqual(quorum.pips, ['up', 'down', 'learner']);
});

test('an unreachable API keeps what was known, with its age, and says since when', () => {
  const view = first(statusModel(given.scenes.unreachable!));
  assert.equal(view.quorum.headline, '1 voter is down: none of the other 2 can fail');
  assert.equal(view.quorum.details.at(-1), 'As of 10:40.');
  const [api] = view.lines;
  assert.equal(api?.fact.text, 'API unreachable since 10:41');
  assert.deepEqual(api.details, ['Kubernetes data is from 10:40.', 'No response within 5 s: https://34.76.1.9']);
  const truths = view.zones[0]?.members[0]?.truths;
  assert.deepEqual(
    truths?.map((t) => [t.column, t.stale]),
    [
      ['compute', false],
      ['kubernetes', true],
      ['etcd', true],
      ['balancer', false],
    ],
  );
});

test('an API that has never answered gives no verdict', () => {
  const view = first(statusModel(given.scenes.running!));
  assert.equal(view.quorum.headline, 'Fault tolerance unknown');
  assert.equal(view.lines[0]?.fact.text, 'no response yet');
});

test('all zones of the region are shown, empty ones too, and one that the list does not know', () => {
  const has = cluster([master(b)], [pool(b), pool('europe-west1-z')]);
  const view = first(statusModel(input({ snapshot: snapshot([has]) })));
  assert.deepEqual(
    view.zones.map((z) => [z.name, z.summary, z.members.length]),
    [
      [b, '1 master · 3 nodes', 2],
      [c, 'Empty', 0],
      [d, 'Empty', 0],
      ['europe-west1-z', '3 nodes', 1],
    ],
  );
});

test('a master shows both truths', () => {
  const has = master(b, { status: 'STAGING', node: 'unknown', etcd: 'none', backend: 'not in the load balancer' });
  const truths = ofMasters([has]).zones[0]?.members[0]?.truths;
  assert.deepEqual(
    truths?.map((t) => [t.tone, t.value]),
    [
      ['busy', 'STAGING'],
      ['quiet', 'unknown'],
      ['bad', 'not a member'],
      ['warn', 'not a backend'],
    ],
  );
});

test('a master whose certificates end soon says what renews them', () => {
  const notes = (days: number) =>
    ofMasters([master(b, { certificatesEnd: given.now + days * 86_400_000 })]).zones[0]?.members[0]?.notes;
  assert.deepEqual(notes(40), []);
  assert.deepEqual(notes(12), [
    'certificates expire in 12 days. To renew them, run Repair Master…, which restarts the master.',
  ]);
});

/** Pools, and what is said of them. */
const pools: [string, ReturnType<typeof pool>, string[], string[]][] = [
  ['as it should be', pool(b), ['good 3/3 running', 'good 3/3 Ready'], []],
  ['one NotReady', pool(b, 1), ['good 3/3 running', 'bad 2/3 Ready'], ['Unhealthy: kubernetes-minion-group-b1x']],
  [
    'still filling',
    pool(b, 0, { stable: false, nodes: pool(b).nodes.slice(0, 1) }),
    ['busy 1/3 running', 'busy 1/3 Ready'],
    ['Instances are still being created or deleted.'],
  ],
  ['of no node', pool(b, 0, { size: 0, nodes: [] }), ['good 0/0 running', 'good 0/0 Ready'], []],
  [
    'unknown to Kubernetes',
    pool(b, 0, { nodes: pool(b).nodes.map((n) => ({ ...n, node: 'unknown' as const })) }),
    ['good 3/3 running', 'quiet unknown'],
    [],
  ],
];

for (const [what, p, truths, notes] of pools) {
  test(`a pool ${what}`, () => {
    const view = first(statusModel(input({ snapshot: snapshot([cluster([], [p])]) })));
    const found = view.zones[0]?.members[0];
    assert.deepEqual(
      found?.truths.map((t) => `${t.tone} ${t.value}`),
      truths,
    );
    assert.deepEqual(found.notes, notes);
  });
}

const endpoint = (masters: MasterStatus[]) => ofMasters(masters).lines.find((l) => l.icon === 'endpoint')?.fact;

test('the endpoint tells how many backends are healthy', () => {
  const sick = master(c, { backend: 'unhealthy' });
  assert.deepEqual(endpoint([master(b)]), { tone: 'good', text: '1/1 backends healthy' });
  assert.deepEqual(endpoint([master(b), sick]), { tone: 'warn', text: '1/2 backends healthy' });
  assert.deepEqual(endpoint([sick]), { tone: 'bad', text: '0/1 backends healthy' });
  assert.deepEqual(endpoint([]), { tone: 'quiet', text: 'no backend yet' });
});

test('a run in progress shows its running steps, elapsed of about expected, and that the time is simulated', () => {
  const { run } = first(statusModel(input({ runs: [given.run()] })));
  assert.equal(run?.title, 'Create kubernetes');
  assert.deepEqual(run.state, { tone: 'busy', text: '2 of 5 steps done' });
  assert.equal(run.time, '1 min 35 s of about 5 min (simulated time)');
  assert.deepEqual(
    run.steps.map((s) => [s.time, ...s.details]),
    [
      ['41 s of about 3 min 20 s', 'kubeadm init: wait-control-plane'],
      ['41 s of about 1 min', '1/3 running'],
    ],
  );
  const real = first(statusModel(input({ runs: [given.run()], emulator: undefined }))).run;
  assert.equal(real?.time, '1 min 35 s of about 5 min');
});

const offered = (r: RunRow, trusted = true) =>
  first(statusModel(input({ runs: [r], trusted }))).run?.actions.map((a) => `${a.label} ${a.target.run ?? ''}`);

/** State of the newest run, its words, and what is offered. */
const states: [Partial<RunRow>, string, string[]][] = [
  [{ state: 'running' }, '2 of 5 steps done', ['Cancel', 'Show Log']],
  [{ state: 'elsewhere' }, '2 of 5 steps done, by process 4711', ['Show Log']],
  [{ state: 'interrupted' }, 'Interrupted after 2 of 5 steps', ['Resume', 'Undo…', 'Show Log']],
  [{ state: 'failed', verb: 'down', adds: false }, 'Failed after 2 of 5 steps', ['Resume', 'Show Log']],
  [{ state: 'cancelled' }, 'Cancelled after 2 of 5 steps', ['Resume', 'Undo…', 'Show Log']],
];

for (const [more, words, actions] of states) {
  test(`a run that is ${String(more.state)}`, () => {
    const r = given.run(more);
    assert.equal(first(statusModel(input({ runs: [r] }))).run?.state.text, words);
    assert.deepEqual(
      offered(r),
      actions.map((a) => `${a} ${r.run}`),
    );
  });
}

test('a failed step shows its error and its remedy', () => {
  const { run } = first(statusModel(input({ runs: [given.failedRun] })));
  assert.deepEqual(
    run?.steps.map((s) => [s.tone, ...s.details]),
    [['bad', 'No capacity in the zone: europe-west1-b', 'Try europe-west1-c.']],
  );
});

test('what ended well, an older run, and a run of another project are not shown', () => {
  const old = given.run({ run: 'old', state: 'failed', at: 0 });
  const show = (...runs: RunRow[]) => first(statusModel(input({ runs }))).run?.id;
  assert.equal(show(given.run({ state: 'done' }), old), undefined);
  assert.equal(show(given.run({ state: 'undone' }), old), undefined);
  assert.equal(show(old, given.run()), given.run().run);
  assert.equal(show(given.run({ project: 'other' })), undefined);
});

test('a run whose cluster is not there yet stands alone, without "no cluster"', () => {
  const m = statusModel(given.scenes.beginning!);
  assert.deepEqual([m.runs.length, m.clusters.length, m.notice], [1, 0, undefined]);
});

test('who hears the view is told about the newest run', () => {
  const said = (r: RunRow) => statusModel(input({ runs: [r] })).announcement;
  assert.deepEqual(said(given.run()), {
    key: `${given.run().run}/running`,
    text: 'Create kubernetes. 2 of 5 steps done. Wait until kubernetes-master serves the API',
  });
  assert.equal(said(given.run({ state: 'done' })).text, 'Done: Create kubernetes');
  assert.equal(said(given.failedRun).text, 'Create kubernetes. Failed after 1 of 3 steps');
  assert.deepEqual(statusModel(input()).announcement, { key: '', text: '' });
});

const labelsOf = (m: StatusModel) => first(m).actions.map((a) => a.label);

test('what takes the cluster away is not offered while somebody is at work on it', () => {
  assert.deepEqual(labelsOf(statusModel(input())), ['Validate', 'Get Kubeconfig…', 'Tear Down…']);
  assert.deepEqual(labelsOf(statusModel(input({ runs: [given.run()] }))), ['Validate', 'Get Kubeconfig…']);
  const held = cluster([master(b)], [], { running: { verb: 'up', holder: 'x' } });
  const m = statusModel(input({ snapshot: snapshot([held]) }));
  assert.deepEqual(labelsOf(m), ['Validate', 'Get Kubeconfig…']);
  assert.equal(first(m).lines[0]?.fact.text, 'Held by another computer: up');
  const silent = cluster([master(b)], [], { running: { verb: 'up', holder: 'x', silentSeconds: 1581 } });
  const gone = statusModel(input({ snapshot: snapshot([silent]) }));
  assert.deepEqual(labelsOf(gone), ['Validate', 'Get Kubeconfig…', 'Tear Down…']);
  assert.equal(first(gone).lines[0]?.fact.text, 'Held by a dead run: up, no heartbeat for 26 min 21 s');
  const own = statusModel(input({ snapshot: snapshot([held]), runs: [given.run()] }));
  assert.notEqual(first(own).lines[0]?.icon, 'lease');
});

test('Restricted Mode offers nothing that changes the world', () => {
  const allowed = [
    'trizone.cluster.validate',
    'trizone.run.cancel',
    'trizone.run.showLog',
    'trizone.refresh',
    'trizone.showLog',
  ];
  for (const [name, scene] of Object.entries(given.scenes)) {
    const text = JSON.stringify(statusModel({ ...scene, trusted: false }));
    const found = [...text.matchAll(/"command":"([^"]+)"/g)].map((m) => m[1] ?? '');
    assert.deepEqual(
      found.filter((x) => !allowed.includes(x)),
      [],
      name,
    );
  }
});

/** A problem of the cloud, where, and the first thing offered against it. */
const problems: [string, boolean, string][] = [
  ['not-signed-in', false, 'Sign In…'],
  ['emulator', true, 'Start the Emulator'],
  ['unavailable', true, 'Start the Emulator'],
  ['unavailable', false, 'Refresh'],
  ['permission', false, 'Refresh'],
  ['internal', false, 'Refresh'],
];

for (const [code, emulated, label] of problems) {
  test(`a problem of the cloud: ${code} ${emulated ? 'on the emulator' : 'on Google Cloud'}`, () => {
    const problem = { code, message: 'It failed: x', remedy: 'Do y.' };
    const m = statusModel(
      input({
        emulator: emulated ? { timeScale: 0.02 } : undefined,
        snapshot: snapshot([given.three], { problem, fresh: false, at: given.now - 12 * 60_000 }),
      }),
    );
    assert.deepEqual(m.notice?.details, ['It failed: x', 'Do y.']);
    assert.equal(m.notice.actions[0]?.label, label);
    assert.deepEqual(m.age, { tone: 'warn', text: 'As of 10:33 (12 min ago)' });
    assert.equal(first(m).quorum.details.at(-1), 'As of 10:33.');
  });
}

test('where nothing is wrong it says so calmly: no cloud chosen yet, an emulator at rest', () => {
  const calm = (code: string, emulated: boolean) => {
    const problem = { code, message: 'm', remedy: 'r' };
    const i = input({
      emulator: emulated ? { timeScale: 0.02 } : undefined,
      snapshot: snapshot([], { problem, fresh: false, at: 0, project: '' }),
    });
    const { notice, age, cloud } = statusModel(i);
    return [notice?.tone, notice?.title, notice?.details.length, notice?.actions[0]?.label, age, cloud];
  };
  const first = 'Try It Without an Account';
  assert.deepEqual(calm('no-cloud', false), ['quiet', 'No cloud selected', 0, first, undefined, '']);
  const stopped = ['quiet', 'The emulator is not running', 0, 'Start the Emulator', undefined, ''];
  assert.deepEqual(calm('emulator-stopped', true), stopped);
});

test('before the first answer it says that it reads; without a cluster it offers one', () => {
  assert.equal(statusModel(given.scenes.loading!).notice?.title, 'Loading cloud state…');
  const { notice } = statusModel(given.scenes.empty!);
  assert.deepEqual([notice?.title, notice?.actions[0]?.label], ['No clusters in this project', 'Create Cluster…']);
});

test('the emulator is marked, with its scale of time; Google Cloud is not', () => {
  assert.deepEqual(statusModel(input()).emulator, {
    mark: 'Emulator',
    explanation: 'Emulated on this computer. A simulated minute takes 1.2 s.',
  });
  assert.equal(statusModel(input({ emulator: undefined })).emulator, undefined);
});

test('another day is named', () => {
  const m = statusModel(input({ snapshot: snapshot([given.one], { fresh: false, at: given.now - 26 * 3_600_000 }) }));
  assert.equal(m.age?.text, 'As of 11/23/26 08:45 (26 h 0 min ago)');
});
