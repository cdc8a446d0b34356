import assert from 'node:assert/strict';
import test from 'node:test';
import type { StoredRun } from '../../src/engine/journalRecords.ts';
import type { FetchLike } from '../../src/gce/transport.ts';
import { makeSession } from '../../src/compose.ts';
import { rootDescription } from '../../src/model/marker.ts';
import { forgetRun } from '../../src/verbs/identity.ts';
import { readExisting } from '../../src/steps/existing.ts';
import { articleWish, cloudWorld, project, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { temporaryFolder, type Cleanup } from '../support/engineWorld.ts';
import { small } from './stories.ts';
import { addPool, assertDone, cluster, options, replicate, statusOf, zoneC } from './verbs.ts';
import { down } from '../../src/verbs/down.ts';
import { prepareAgain, undo } from '../../src/verbs/registry.ts';

const lastRun = (p: Program, verb: string): StoredRun => {
  const run = p.session.journals.list().find((r) => r.plan.verb === verb);
  assert.ok(run);
  return run;
};

const elsewhere = (t: Cleanup, w: CloudWorld): Promise<Program> => w.program({ folder: temporaryFolder(t) });

test('a plan made on one cloud is not applied on another, although a cluster of that name is there', async (t) => {
  const [one, two] = [await small(t, 'one'), await small(t, 'two')];
  const planned = await one.planDown(await one.program());
  assert.ok(planned);
  const before = two.resources();
  await assert.rejects(two.apply(await two.program(), planned), {
    code: 'foreign',
    message:
      /^The plan is for cluster kubernetes \(uid \w{8}\) in project demo-project on the emulator \w{10}, but the current target is /,
  });
  assert.deepEqual(two.resources(), before);
});

test('a plan made before the cluster was made anew is not applied to the new one', async (t) => {
  const w = await small(t, 'anew');
  const p = await w.program();
  const planned = await w.planDown(p);
  assert.ok(planned);
  const other = await elsewhere(t, w);
  assertDone(await w.down(other));
  assertDone(await w.up(other, { ...articleWish, nodes: 1 }));
  const before = w.resources();
  await assert.rejects(w.apply(p, planned), {
    code: 'foreign',
    message: /that name now belongs to another cluster: uid \w{8}/,
  });
  assert.deepEqual(w.resources(), before);
});

test('an old run is not gone on with against a new cluster of that name, nor taken back, nor without a word of whom it was for', async (t) => {
  const w = await small(t, 'old');
  assertDone(await addPool(w, zoneC, { nodes: 1 }));
  const p = await w.program({ crashAt: 20 });
  await assert.rejects(w.down(p), /killed/);
  w.bury();
  const other = await elsewhere(t, w);
  const over = await w.planDown(other, cluster, true);
  assert.ok(over);
  assertDone(await w.apply(other, over));
  assertDone(await w.up(other, { ...articleWish, nodes: 1 }));
  assertDone(await addPool(w, zoneC, { nodes: 1 }, other));
  const before = w.resources();
  const mine = await w.program();
  const { world, journals } = mine.session;
  assert.equal(await prepareAgain(world, lastRun(mine, 'down').plan, options(mine), journals.list()), undefined);
  await assert.rejects(undo.prepare(world, { run: lastRun(mine, 'pool-add') }, options(mine)), { code: 'foreign' });
  const { cloud, uid, ...early } = lastRun(mine, 'pool-add').plan;
  assert.ok(cloud !== undefined && uid !== undefined);
  await assert.rejects(prepareAgain(world, early, options(mine), []), {
    code: 'refused',
    message: /^This run was written by an earlier Trizone version, which did not record its cluster/,
  });
  assert.deepEqual(w.resources(), before);
});

test('runs on an emulator that was reset, or on a cluster that is torn down, are over', async (t) => {
  const w = await small(t, 'reset');
  const killed = await w.program({ crashAt: 20 });
  await assert.rejects(replicate(w, zoneC, killed), /killed/);
  w.bury();
  const p = await w.program();
  const run = lastRun(p, 'replicate');
  assert.equal(run.state, undefined);
  assertDone(await w.down(p));
  assert.equal(lastRun(p, 'replicate').state, 'closed');
  await w.request('POST', '/emulator/reset');
  const fresh = await w.program();
  await assert.rejects(prepareAgain(fresh.session.world, run.plan, options(fresh), []), {
    code: 'foreign',
    message: /^Run \S+ is for cluster kubernetes .* on the emulator \w{10}, but the current target is /,
  });
});

test('a run that nobody wants to go on with can be forgotten, but not while it is going on', async (t) => {
  const w = await small(t, 'forget');
  const killed = await w.program({ crashAt: 20 });
  await assert.rejects(replicate(w, zoneC, killed), /killed/);
  const p = await w.program();
  const { run } = lastRun(p, 'replicate').plan;
  const state = { folder: w.folder, journals: p.session.journals, wall: w.clock };
  assert.throws(() => forgetRun(state, run), { code: 'refused', message: `The run is in progress: ${run}` });
  w.bury();
  forgetRun(state, run);
  assert.equal(lastRun(p, 'replicate').state, 'closed');
});

test('two creates of one name in two regions at once: the later one takes its record back, the other goes on', async (t) => {
  const w = await cloudWorld(t, 'two regions');
  const empty = w.resources();
  // Both find the name free, and both then make their record.
  const both = Promise.withResolvers<undefined>();
  let waiting = 0;
  const meet =
    (inner: FetchLike): FetchLike =>
    async (url, init) => {
      if (init.method === 'POST' && url.includes('/addresses') && ++waiting === 2) both.resolve(undefined);
      if (init.method === 'POST' && url.includes('/addresses')) await both.promise;
      return inner(url, init);
    };
  const operator = (): Promise<Program> => w.program({ folder: temporaryFolder(t), network: meet });
  const [a, b] = [await operator(), await operator()];
  const plans = [
    await w.planUp(a, { ...articleWish, nodes: 1 }),
    await w.planUp(b, { ...articleWish, zone: 'us-central1-a', nodes: 1 }),
  ] as const;
  const results = await Promise.all([w.apply(a, plans[0]), w.apply(b, plans[1])]);
  const lost = results.filter((r) => r.error !== undefined);
  assert.equal(lost.length, 1, 'one of the two');
  assert.match(
    lost[0]?.error?.message ?? '',
    /^The cluster name is already in use in this project: kubernetes \(address kubernetes-master-ip in /,
  );
  const found = await statusOf(w);
  assert.equal(found.unreachable, undefined);
  const left = await w.down();
  assertDone(left);
  assert.deepEqual(w.resources(), empty);
});

test('of two clusters of one name none is guessed: both regions are named, and --region chooses', async (t) => {
  const w = await small(t, 'named twice');
  const p = await w.program();
  const record = {
    cluster,
    uid: 'other',
    network: 'n',
    podCidr: '10.0.0.0/14',
    serviceCidr: '10.4.0.0/20',
    created: 'x',
  };
  await w.request('POST', `/compute/v1/projects/${project}/regions/us-central1/addresses`, {
    name: 'kubernetes-master-ip',
    description: rootDescription(record),
  });
  await w.clock.sleep(60_000);
  await assert.rejects(down.prepare(p.session.world, { cluster: cluster }, options(p)), {
    code: 'refused',
    message: 'More than one cluster has this name: kubernetes, in europe-west1 and us-central1',
    remedy: 'Choose one with --region, for example --region europe-west1',
  });
  const { world } = makeSession({
    ...p.session,
    ...p.session.world,
    proxy: undefined,
    connect: fails,
    only: { region: 'europe-west1' },
  });
  assert.equal((await readExisting(world, cluster)).cluster.region, 'europe-west1');
});

const fails = (): Promise<never> => Promise.reject(new Error('nothing is asked here'));
