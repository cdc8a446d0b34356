import '../support/lean.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { names } from '../../src/model/names.ts';
import type { ClusterIdentity } from '../../src/model/clusterIdentity.ts';
import { wallClock, type Clock } from '../../src/lib/clock.ts';
import type { OperatorError } from '../../src/lib/operatorError.ts';
import { uuid4 } from '../../src/lib/ids.ts';
import { findRoots } from '../../src/steps/inventory.ts';
import { leaseSeconds, readLease, releaseLease, rootRef, writeLease } from '../../src/steps/lease.ts';
import { Fence } from '../../src/operate/fence.ts';
import type { CloudWorld, Program } from '../support/cloudWorld.ts';
import { temporaryFolder, type Cleanup } from '../support/engineWorld.ts';
import { ungated } from '../support/ungated.ts';
import { small } from '../world/stories.ts';
import { cluster } from '../world/verbs.ts';

const root = { region: 'europe-west1', names: names(cluster) };

/** A computer's own two clocks. */
class Watch implements Clock {
  wall = 1_000_000;
  passed = 0;
  readonly leastDeadlineMs = 0;
  now = (): number => this.wall;
  monotonic = (): number => this.passed;
  sleep = (ms: number, signal?: AbortSignal): Promise<void> => wallClock.sleep(ms, signal);
  hold = <T>(work: () => Promise<T>): Promise<T> => wallClock.hold(work);
}

interface Fenced {
  readonly program: Program;
  readonly fence: Fence;
  readonly watch: Watch;
  readonly lost: OperatorError[];
  /** Writes of the lease so far. */
  readonly beats: () => number;
  /** Happens once, between the end of the next write of the lease and its answer. */
  readonly meanwhile: (what: () => Promise<void>) => void;
}

const fenced = async (t: Cleanup, w: CloudWorld): Promise<Fenced> => {
  let beats = 0;
  const way: { meanwhile?: (() => Promise<void>) | undefined } = {};
  const p = await w.program({
    folder: temporaryFolder(t),
    network: (inner) => async (url, init) => {
      const answer = await inner(url, init);
      if (url.includes('setLabels')) beats++;
      if (!new URL(url).pathname.endsWith('/wait')) return answer;
      const { meanwhile } = way;
      way.meanwhile = undefined;
      await meanwhile?.();
      return answer;
    },
  });
  const { world, ids } = p.session;
  const [found] = await findRoots(world.cloud);
  const whom: ClusterIdentity = { cloud: world.cloud.id, project: world.cloud.project, uid: found?.record.uid ?? '' };
  const watch = new Watch();
  const lost: OperatorError[] = [];
  const call = () => ({ requestId: uuid4(ids) });
  const fence = new Fence({
    world,
    root,
    identity: whom,
    verb: 'replicate',
    wall: watch,
    call,
    lost: (e) => lost.push(e),
  });
  await hold(p, 7);
  beats = 0;
  fence.took(7, fence.now());
  return { program: p, fence, watch, lost, beats: () => beats, meanwhile: (what) => (way.meanwhile = what) };
};

/** Writes a program's lease as if its run had just taken it. */
const hold = async (p: Program, generation: number): Promise<void> => {
  const { world, ids } = p.session;
  const seen = await readLease(world, root);
  assert.ok(seen);
  const labels = { ...seen.labels, 'trizone-generation': String(generation) };
  const record = await ungated(world.cloud).compute.own(rootRef(root));
  await writeLease(world, record, 'replicate', { ...seen, labels }, { requestId: uuid4(ids) });
};

const half = (leaseSeconds.lapsed * 1000) / 2;

test('nothing is changed before the lease is held', async (t) => {
  const w = await small(t, 'not held');
  const { session } = await w.program();
  const whom = { cloud: '', project: '', uid: '' };
  const call = () => ({ requestId: '' });
  const fence = new Fence({
    world: session.world,
    root,
    identity: whom,
    verb: 'up',
    wall: w.clock,
    call,
    lost: () => undefined,
  });
  await assert.rejects(fence.check(), { code: 'refused' });
});

test('a heartbeat that is young enough is believed; an old one is followed by another before anything is changed', async (t) => {
  const { fence, watch, beats } = await fenced(t, await small(t, 'young'));
  watch.passed += half - 1;
  watch.wall += half - 1;
  await fence.check();
  assert.equal(beats(), 0);
  watch.passed += 2;
  watch.wall += 2;
  await Promise.all([fence.check(), fence.check(), fence.check()]);
  assert.equal(beats(), 1, 'one for all that ask');
  await fence.check();
  assert.equal(beats(), 1);
});

test('a computer that slept asks by its wall clock, one whose clock was set back by the other', async (t) => {
  const slept = await fenced(t, await small(t, 'slept'));
  slept.watch.wall += half + 1;
  await slept.fence.check();
  assert.equal(slept.beats(), 1);
  const setBack = await fenced(t, await small(t, 'set back'));
  setBack.watch.wall -= 3_600_000;
  setBack.watch.passed += half + 1;
  await setBack.fence.check();
  assert.equal(setBack.beats(), 1);
});

test('a clock that was set back hides how long its computer slept, so it is not believed', async (t) => {
  const both = await fenced(t, await small(t, 'slept, then set back'));
  both.watch.wall += 8 * 60_000 - 3_600_000;
  await both.fence.check();
  assert.equal(both.beats(), 1);
  await both.fence.check();
  assert.equal(both.beats(), 1, 'the new time is the measure from then on');
});

test('a run whose lease another run of the same computer took does not release it', async (t) => {
  const { fence, program } = await fenced(t, await small(t, 'taken on this computer'));
  const { world, ids } = program.session;
  const holder = async (): Promise<unknown> => (await readLease(world, root))?.labels['trizone-lease-holder'];
  const release = () => releaseLease(world, root, (held) => fence.holds(held), { requestId: uuid4(ids) });
  await hold(program, 8);
  await release();
  assert.notEqual(await holder(), undefined);
  await hold(program, 7);
  await release();
  assert.equal(await holder(), undefined);
});

test('a heartbeat whose answer came after a sleep says nothing of now', async (t) => {
  const w = await small(t, 'slept in between');
  const { fence, watch, beats, meanwhile } = await fenced(t, w);
  const sleep = (): Promise<void> => {
    watch.wall += 3 * half;
    return Promise.resolve();
  };
  meanwhile(sleep);
  watch.wall += half + 1;
  await fence.check();
  assert.equal(beats(), 2, 'once more, since it is still ours');
  const other = await w.program({ folder: temporaryFolder(t) });
  meanwhile(async () => {
    await sleep();
    await hold(other, 8);
  });
  watch.wall += half + 1;
  await assert.rejects(fence.check(), { code: 'leased' });
});

test('another holder, or one that came and went, ends the run, for good', async (t) => {
  const w = await small(t, 'another');
  for (const gives of [false, true]) {
    const { fence, watch, lost } = await fenced(t, w);
    const other = await w.program({ folder: temporaryFolder(t) });
    await hold(other, 8);
    if (gives) await giveBack(other);
    await fence.check();
    watch.passed += half + 1;
    await assert.rejects(fence.check(), { code: 'leased' });
    assert.equal(lost[0]?.code, 'leased');
    watch.passed = 0;
    await assert.rejects(fence.check(), { code: 'leased' }, 'it is not forgotten');
  }
});

const giveBack = async (p: Program): Promise<void> => {
  const { world, ids } = p.session;
  const seen = await readLease(world, root);
  assert.ok(seen);
  const labels = Object.fromEntries(Object.entries(seen.labels).filter(([key]) => !key.startsWith('trizone-lease')));
  const body = { labels, labelFingerprint: seen.labelFingerprint };
  const record = await ungated(world.cloud).compute.own(rootRef(root));
  await world.cloud.compute.act(record, 'setLabels', body, { requestId: uuid4(ids) });
};
