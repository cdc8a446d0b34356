import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, afterEach, before } from 'node:test';
import { wallClock } from '../../src/lib/clock.ts';
import { poll } from '../../src/lib/deadline.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { cloudWorld, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { temporaryFolder } from '../support/engineWorld.ts';
import { Observed } from './observed.ts';

const ends: (() => unknown)[] = [];
let w: CloudWorld;
let p: Program;

before(async () => {
  w = await cloudWorld({ after: (end) => void ends.push(end) }, 'observation');
  p = await w.program();
  assert.equal((await w.up(p)).error, undefined);
});

after(async () => {
  for (const end of ends.toReversed()) await end();
});

afterEach(() => faults());

const faults = (...rules: { match: object; fault: unknown }[]): void =>
  w.emulator.faults.set(rules.map((rule) => ({ ...rule, nth: 'every' })));
const deadApi = (how: 'refused' | 'hang'): void =>
  faults({ match: { verb: 'connect' }, fault: { type: 'apiServerUnreachable', how } });
const ready = (s: Observed['last']): boolean => s?.clusters[0]?.masters[0]?.node === 'Ready' && s.fresh;
const kubernetes = (s: Observed['last']) => s?.clusters[0];

/** An observation that has seen everything, and its cache. */
const kept = async (t: test.TestContext): Promise<Observed> => {
  const o = new Observed(t, w, p);
  o.observation.look('tree');
  await o.until(ready);
  o.observation.stop();
  await w.clock.sleep(1000);
  return o;
};

test('without a cache: nothing, the cloud half, then the Kubernetes half; a second refresh tells nothing new', async (t) => {
  const o = new Observed(t, w, p, { everyMs: 3_600_000 });
  o.observation.look('tree');
  await o.until(ready);
  const order = ['told nothing', 'cloud', 'told fresh 4 unknown', 'kubernetes', 'told fresh 4 Ready'];
  assert.deepEqual(o.story.slice(0, 5), order);
  const at = o.observation.snapshot?.at ?? 0;
  await w.clock.sleep(1000);
  await o.observation.refresh();
  assert.equal(o.told.length, 3);
  assert.equal(o.count('cloud'), 2);
  assert.ok((o.observation.snapshot?.at ?? 0) > at && (kubernetes(o.observation.snapshot)?.kubernetesAt ?? 0) > at);
});

test('the cache comes at once with its own age, is of its owner only, and holds no fault of yesterday', async (t) => {
  const old = await kept(t);
  assert.equal(statSync(old.file).mode & 0o777, 0o600);
  const o = new Observed(t, w, p, { cacheFile: () => old.file });
  o.observation.look('tree');
  assert.deepEqual(o.told, [{ ...old.observation.snapshot, ...old.last, fresh: false, at: o.last?.at }]);
  assert.ok(o.last !== undefined && o.last.at < w.clock.now() && o.last.at > 0);
  await o.until(ready);
  assert.deepEqual(o.story.slice(0, 3), ['told cached 4 Ready', 'cloud', 'told fresh 4 Ready']);
});

test('a damaged cache is none', async (t) => {
  const old = await kept(t);
  const good = readFileSync(old.file, 'utf8');
  for (const bad of [
    '',
    '{',
    '[]',
    good.slice(0, -20),
    good.replace('"Ready"', '"Reddy"'),
    good.replace(/"uid":"\w+",/, ''),
  ]) {
    const o = new Observed(t, w, p);
    writeFileSync(o.file, bad);
    o.observation.look('tree');
    assert.deepEqual(o.told, [undefined], bad.slice(0, 40));
    o.observation.stop();
  }
});

for (const how of ['refused', 'hang'] as const) {
  test(`with an API that does not answer (${how}) the cloud half comes first, the last facts stay, and it is seen to come back`, async (t) => {
    const { file } = await kept(t);
    const o = new Observed(t, w, p, { everyMs: 3_600_000 });
    copyFileSync(file, o.file);
    deadApi(how);
    o.observation.look('tree');
    await o.until((s) => kubernetes(s)?.unreachable !== undefined);
    const order = [
      'told cached 4 Ready',
      'cloud',
      'told fresh 4 Ready',
      'kubernetes',
      'told fresh 4 Ready unreachable',
    ];
    assert.deepEqual(o.story, order);
    const first = kubernetes(o.last);
    assert.match(first?.unreachable ?? '', /^The Kubernetes API is not responding/);
    assert.equal(first?.kubernetesAt, kubernetes(o.told[0])?.kubernetesAt);
    assert.equal(first?.masters[0]?.etcd, 'leader');
    assert.ok((first.unreachableSince ?? 0) > 0);
    await w.clock.sleep(60_000);
    await o.observation.refresh();
    assert.equal(kubernetes(o.observation.snapshot)?.unreachableSince, first.unreachableSince);
    assert.equal(o.count('watch'), 0);
    faults();
    await o.observation.refresh();
    const back = kubernetes(o.last);
    assert.deepEqual([back?.unreachable, back?.unreachableSince], [undefined, undefined]);
    assert.ok((back?.kubernetesAt ?? 0) > first.unreachableSince!);
    assert.equal(o.count('watch'), 1);
  });
}

test('since when it does not answer is known to the next window, too', async (t) => {
  const one = await kept(t);
  deadApi('refused');
  const o: Observed = new Observed(t, w, p, { cacheFile: () => one.file });
  o.observation.look('tree');
  await o.until((s) => kubernetes(s)?.unreachable !== undefined);
  o.observation.stop();
  const since = kubernetes(o.last)?.unreachableSince;
  await w.clock.sleep(60_000);
  const next = new Observed(t, w, p, { cacheFile: () => one.file });
  next.observation.look('tree');
  await next.until((s) => s?.fresh === true);
  await next.observation.refresh();
  assert.deepEqual([kubernetes(next.last)?.unreachableSince, next.count('kubernetes')], [since, 1]);
  faults();
});

test('nothing is asked before the first look, after the last leave, and beside another viewer nothing more', async (t) => {
  const o = new Observed(t, w, p);
  await w.clock.sleep(600_000);
  assert.deepEqual(o.story, []);
  assert.ok(!existsSync(o.file));
  o.observation.look('tree');
  o.observation.look('status');
  await o.until(ready);
  assert.equal(o.count('cloud'), 1);
  o.observation.leave('tree');
  await w.clock.sleep(60_000);
  const asked = o.count('cloud');
  assert.ok(asked >= 4 && asked <= 6, String(asked));
  o.observation.leave('status');
  await poll(w.clock, 1, AbortSignal.timeout(5_000), () => Promise.resolve(o.wall.sleeping === 0 || undefined));
  const before = o.story.length;
  await w.clock.sleep(600_000);
  assert.deepEqual(
    o.story.slice(before).filter((word) => word !== 'unwatch'),
    [],
  );
  o.observation.look('tree');
  await o.until(() => o.count('cloud') > asked);
});

test('a run makes it faster and keeps it alive without viewers; its end is looked at once more', async (t) => {
  const o = new Observed(t, w, p);
  o.observation.look('tree');
  await o.until(ready);
  o.observation.running(true);
  o.observation.leave('tree');
  const before = o.count('cloud');
  await w.clock.sleep(60_000);
  const fast = o.count('cloud') - before;
  assert.ok(fast >= 24 && fast <= 31, String(fast));
  await o.until(() => o.count('unwatch') === o.count('watch'));
  assert.equal(o.count('watch'), 1);
  const until = o.count('cloud');
  o.observation.running(false);
  await o.until(() => o.count('cloud') > until);
  await w.clock.sleep(600_000);
  assert.ok(o.count('cloud') - until <= 2);
});

test('refreshes do not overlap: whoever asks gets the one that is under way', async (t) => {
  const o = new Observed(t, w, p);
  const first = o.observation.refresh();
  assert.equal(o.observation.refresh(), first);
  o.observation.look('tree');
  await first;
  assert.equal(o.count('cloud'), 1);
});

test('whoever chooses among the clusters sees those of the moment: nothing asked before, and without Kubernetes', async (t) => {
  const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const turns = [['kubernetes'], ['kubernetes', 'other']];
  let turn = 0;
  const o = new Observed(t, w, p, {
    source: (real) =>
      Promise.resolve({
        ...real,
        readCloud: async () => {
          const names = turns[turn++] ?? [];
          const [known] = await real.readCloud();
          asked.resolve();
          await gate.promise;
          return known === undefined
            ? []
            : names.map((name) => ({ ...known, status: { ...known.status, name, uid: name } }));
        },
        readKubernetes: (door, signal) =>
          turn === 1 ? real.readKubernetes(door, signal) : new Promise(() => undefined),
      }),
  });
  void o.observation.refresh();
  await asked.promise;
  const chosen = o.observation.refreshCloud();
  gate.resolve();
  await chosen;
  const seen = o.observation.snapshot?.clusters.map((c) => c.unreachable ?? c.name);
  assert.deepEqual(seen, ['kubernetes', 'other']);
});

test('a cloud that cannot be asked leaves what was known, with its age and the problem; then it comes back', async (t) => {
  let isGone = false;
  const gone = new OperatorError('emulator', 'The emulator is not responding: x', { remedy: 'Start it' });
  const o = new Observed(t, w, p, {
    everyMs: 3_600_000,
    source: (real) => (isGone ? Promise.reject(gone) : Promise.resolve(real)),
  });
  o.observation.look('tree');
  await o.until(ready);
  await o.observation.refresh();
  const known = o.observation.snapshot;
  const denied = { type: 'status', status: 403, reason: 'forbidden', message: 'Permission denied' };
  const broken = { type: 'status', status: 503, reason: 'backendError', message: 'Try later' };
  for (const [fault, code] of [
    [denied, 'permission'],
    [broken, 'unavailable'],
  ] as const) {
    faults({ match: { path: '/aggregated/instances' }, fault });
    await o.observation.refresh();
    assert.deepEqual(o.last, { ...known, at: o.last?.at, clusters: o.last?.clusters, problem: o.last?.problem });
    assert.equal(o.last.at, known?.at);
    assert.equal(o.last.problem?.code, code);
    assert.equal(o.last.clusters.length, 1);
  }
  faults();
  isGone = true;
  await o.observation.refresh();
  assert.deepEqual(o.last?.problem, { code: 'emulator', message: gone.message, remedy: 'Start it' });
  isGone = false;
  await o.observation.refresh();
  assert.equal(o.last.problem, undefined);
  assert.ok(o.last.at > (known?.at ?? 0));
});

test('a cloud that never could be asked is a problem without clusters', async (t) => {
  const o = new Observed(t, w, p, { source: () => Promise.reject(new OperatorError('not-signed-in', 'Sign in')) });
  await o.observation.refresh();
  const problem = { code: 'not-signed-in', message: 'Sign in' };
  assert.deepEqual(o.last, { cloud: '', project: '', at: 0, fresh: false, clusters: [], problem });
});

test('between refreshes nodes are watched: one that falls silent is told without another question', async (t) => {
  const o = new Observed(t, w, p, { everyMs: 3_600_000 });
  o.observation.look('tree');
  await o.until(ready);
  await o.until(() => o.count('watch') === 1);
  const node = kubernetes(o.last)?.pools[0]?.nodes[0];
  const path = `/compute/v1/projects/demo-project/zones/${node?.zone ?? ''}/instances/${node?.name ?? ''}`;
  await w.request('POST', `${path}/stop`, {});
  const word = (s: Observed['last']) => kubernetes(s)?.pools[0]?.nodes.find((n) => n.name === node?.name)?.node;
  await o.until((s) => word(s) === 'NotReady');
  assert.equal(o.count('cloud'), 1);
  // kubelet is gone before the machine is off, and only then can it be started.
  await poll(w.clock, 1000, AbortSignal.timeout(60_000), async () => {
    const { status } = await w.request('GET', path);
    return status === 'TERMINATED' ? true : undefined;
  });
  await w.request('POST', `${path}/start`, {});
  await o.until((s) => word(s) === 'Ready');
  assert.equal(o.count('cloud'), 1);
});

test('a watch that the master took with it is opened again by a refresh once the API is back', async (t) => {
  const o = new Observed(t, w, p, { everyMs: 3_600_000 });
  o.observation.look('tree');
  await o.until(() => o.count('watch') === 1);
  const master = '/compute/v1/projects/demo-project/zones/europe-west1-b/instances/kubernetes-master';
  await w.request('POST', `${master}/stop`, {});
  await o.until(() => o.count('unwatch') === 1);
  await poll(w.clock, 1000, AbortSignal.timeout(60_000), async () => {
    return (await w.request('GET', master)).status === 'TERMINATED' || undefined;
  });
  await w.request('POST', `${master}/start`, {});
  await poll(w.clock, 5_000, AbortSignal.timeout(60_000), async () => {
    await o.observation.refresh();
    return o.count('watch') === 2 || undefined;
  });
  await o.until(ready);
});

const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

for (const [what, end] of [
  ['stop', (o: Observed) => o.observation.stop()],
  ['the last leave', (o: Observed) => o.observation.leave('tree')],
] as const) {
  test(`${what} lets go of every wait and socket, of a watch and of questions that hang`, async (t) => {
    // Those of the test before close a moment after it.
    await poll(wallClock, 5, AbortSignal.timeout(20_000), () => Promise.resolve(sockets() === 0 || undefined));
    const o = new Observed(t, w, p, { everyMs: 3_600_000 });
    const released = (): Promise<true> =>
      poll(wallClock, 5, AbortSignal.timeout(3_000), () =>
        Promise.resolve((sockets() === 0 && o.wall.sleeping === 0) || undefined),
      );
    o.observation.look('tree');
    await o.until(ready);
    await poll(wallClock, 5, AbortSignal.timeout(5_000), () => Promise.resolve(sockets() > 0 || undefined));
    deadApi('hang');
    const hanging = o.observation.refresh();
    await o.until(() => o.count('kubernetes') === 2);
    await poll(wallClock, 5, AbortSignal.timeout(5_000), () => Promise.resolve(sockets() > 4 || undefined));
    end(o);
    await hanging;
    await released();
    assert.equal(kubernetes(o.last)?.unreachable, undefined);
    faults();
  });
}

test('another connection: answers of the old one are dropped, and the new one begins with its own cache', async (t) => {
  const old = await kept(t);
  const gate = Promise.withResolvers<void>();
  let turn = 0;
  const fresh = temporaryFolder(t);
  const o = new Observed(t, w, p, {
    cacheFile: () => (turn === 0 ? join(fresh, 'none.json') : old.file),
    source: async (real) => {
      if (turn === 0) await gate.promise;
      return { ...real, project: `project-${turn}` };
    },
  });
  o.observation.look('tree');
  turn = 1;
  o.observation.reset();
  assert.deepEqual(o.story, ['told nothing', 'told cached 4 Ready']);
  gate.resolve();
  await o.until((s) => s?.fresh === true);
  await o.observation.refresh();
  assert.deepEqual([...new Set(o.told.flatMap((s) => (s?.fresh ? [s.project] : [])))], ['project-1']);
  o.observation.leave('tree');
  o.observation.reset();
  assert.equal(o.last, undefined);
});

test('an answer that comes in the very moment of the change belongs to nobody any more', async (t) => {
  let turn = 0;
  const o: Observed = new Observed(t, w, p, {
    source: (real) =>
      Promise.resolve({
        ...real,
        project: `project-${turn}`,
        readCloud: async () => {
          const answer = await real.readCloud();
          if (turn++ === 0) o.observation.reset();
          return answer;
        },
      }),
  });
  o.observation.look('tree');
  await o.until(ready);
  assert.deepEqual([...new Set(o.told.map((s) => s?.project))], [undefined, 'project-1']);
});

test('a cluster that the cloud knows no longer is watched no longer', async (t) => {
  let isGone = false;
  const o = new Observed(t, w, p, {
    everyMs: 3_600_000,
    source: (real) => Promise.resolve({ ...real, readCloud: () => (isGone ? Promise.resolve([]) : real.readCloud()) }),
  });
  o.observation.look('tree');
  await o.until(() => o.count('watch') === 1);
  await o.observation.refresh();
  isGone = true;
  await o.observation.refresh();
  assert.equal(o.last?.clusters.length, 0);
  await o.until(() => o.count('unwatch') === 1);
});

test('a cluster that is torn down disappears, and so does its watch', async (t) => {
  const o = new Observed(t, w, p);
  o.observation.look('tree');
  await o.until(ready);
  await o.until(() => o.count('watch') === 1);
  const gone = await w.down();
  assert.equal(gone?.error, undefined);
  await o.until((s) => s?.clusters.length === 0 && s.problem === undefined);
  await o.until(() => o.count('unwatch') === o.count('watch'));
});
