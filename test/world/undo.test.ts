import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { RunResult } from '../../src/engine/runOptions.ts';
import { uuid4 } from '../../src/lib/ids.ts';
import { labelKeys } from '../../src/model/marker.ts';
import { findRoot } from '../../src/steps/inventory.ts';
import { applyVerb } from '../../src/operate/operate.ts';
import { planVerb, type CloudPlan } from '../../src/operate/operator.ts';
import type { Prepared } from '../../src/verbs/prepared.ts';
import { articleWish, cloudWorld, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { temporaryFolder } from '../support/engineWorld.ts';
import { ungated } from '../support/ungated.ts';
import { small, undoOf } from './stories.ts';
import { addPool, assertDone, assertWhole, cluster, replicate, zoneC } from './verbs.ts';
import { undo as undoVerb } from '../../src/verbs/registry.ts';
import { planAndApply } from '../../src/cli/apply.ts';
import { cliCommands } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

const quiet = (): void => undefined;
const silent: Terminal = {
  ...{ json: false, live: false, env: {}, cancel: new AbortController().signal, confirm: () => Promise.resolve(true) },
  ...{ write: quiet, log: quiet, document: quiet, out: quiet, lost: quiet, atQuit: quiet },
};

const noMaster = {
  match: { kind: 'instances', verb: 'insert', name: 'kubernetes-master' },
  fault: { type: 'stockOut', zonesAvailable: ['europe-west1-c'] },
};

/** Plans the `undo` of a run that created: the oldest, or the newest. */
const planUndo = async (p: Program, which: 'oldest' | 'newest', takeOver = false): Promise<[Prepared, CloudPlan]> => {
  const runs = p.session.journals.list().filter((r) => r.plan.verb === 'up');
  const run = which === 'newest' ? runs[0] : runs.at(-1);
  assert.ok(run);
  const prepared = await undoVerb.prepare(p.session.world, { run }, { ids: p.session.ids, takeOver });
  return [prepared, await planVerb(p.session, prepared, new AbortController().signal)];
};

/** `undo` of the newest run that created, as another process of the same state folder. */
const undo = async (w: CloudWorld, by?: Program): Promise<RunResult> => {
  const p = by ?? (await w.program());
  const [prepared, plan] = await planUndo(p, 'newest');
  const refusal = plan.refusals[0];
  if (refusal !== undefined) throw refusal;
  assert.ok(
    plan.changes.every((c) => c.decision.do === 'delete'),
    'an undo does something else than deleting',
  );
  return w.apply(p, [prepared, plan]);
};

/** A world in which `up` stopped because there was no capacity for the master; what was there before. */
const halfMade = async (t: TestContext): Promise<[CloudWorld, unknown]> => {
  const w = await cloudWorld(t);
  const before = w.resources();
  w.emulator.faults.set([noMaster]);
  assert.equal((await w.up()).error?.code, 'stock-out');
  assert.notDeepEqual(w.resources(), before);
  return [w, before];
};

test('undo of a create that stopped in the middle leaves nothing, and no resume goes on with what was taken back', async (t) => {
  const [w, before] = await halfMade(t);
  assert.equal((await undo(w)).error, undefined);
  assert.deepEqual(w.resources(), before);
  const [undone] = (await w.program()).session.journals.list().filter((r) => r.plan.verb === 'up');
  assert.equal(undone?.state, 'undone');
});

test('undo of a whole create leaves nothing, and takes the master out of the load balancer first', async (t) => {
  const w = await cloudWorld(t);
  const before = w.resources();
  assert.equal((await w.up()).error, undefined);
  const p = await w.program();
  assert.equal((await undo(w, p)).error, undefined);
  assert.deepEqual(w.resources(), before);
  const at = (type: string, step: string): number =>
    p.events.findIndex((e) => e.type === type && 'step' in e && e.step === step);
  const out = at('done', 'deregister:kubernetes-master');
  assert.ok(out >= 0);
  assert.ok(out < at('started', 'remove-master:kubernetes-master'));
});

test('undo of a create that was killed leaves nothing, whatever was under way', async (t) => {
  for (const at of [6, 14, 22, 30, 38, 46, 54, 62, 70, 78, 86]) {
    await t.test(`killed at record ${at}`, async (each) => {
      const w = await cloudWorld(each, `undo-${at}`);
      const before = w.resources();
      await assert.rejects(w.up(await w.program({ crashAt: at })), /killed/);
      w.bury();
      assert.equal((await undo(w)).error, undefined);
      assert.deepEqual(w.resources(), before);
    });
  }
});

test('undo stays away while another computer goes on with the cluster', async (t) => {
  const [w] = await halfMade(t);
  const other = await w.program({ folder: temporaryFolder(t), crashAt: 8 });
  await assert.rejects(w.up(other), /killed/);
  await assert.rejects(undo(w), {
    code: 'leased',
    message: /^Another computer holds the cluster: up, last heartbeat \d+ s ago$/,
  });
});

test('after a stock-out another first zone is refused until the first one is taken back', async (t) => {
  const [w, before] = await halfMade(t);
  const elsewhere = { ...articleWish, zone: 'europe-west1-c' };
  await assert.rejects(w.planUp(await w.program(), elsewhere), {
    code: 'refused',
    message: 'The cluster already exists with a different first zone: europe-west1-b, requested europe-west1-c',
  });
  assert.equal((await undo(w)).error, undefined);
  assert.equal((await w.up(undefined, elsewhere)).error, undefined);
  assert.equal((await w.down())?.error, undefined);
  assert.deepEqual(w.resources(), before);
});

test('undo of an up that added a zone takes its master, its group and its pool, and leaves the cluster whole', async (t) => {
  const w = await small(t, 'added-zone');
  assertDone(await w.up(undefined, { ...articleWish, zones: ['europe-west1-b', zoneC], nodes: 1 }));
  await assertWhole(w, 2, 2);
  assertDone(await w.carryOut((p) => undoOf(p, 'up')));
  await assertWhole(w, 1, 1);
  assert.doesNotMatch(JSON.stringify(w.resources()), new RegExp(`zones/${zoneC}/instanceGroups/`));
});

test('an undo that finds nothing left to undo ends its run', async (t) => {
  const w = await small(t, 'nothing-left');
  await assert.rejects(addPool(w, zoneC, { nodes: 1 }, await w.program({ crashAt: 4 })), /killed/);
  w.bury();
  const p = await w.program();
  const prepared = await undoOf(p, 'pool-add');
  const asked = { title: 'undo', answer: 'yes', agreed: true };
  assert.equal((await planVerb(p.session, prepared, new AbortController().signal)).changes.length, 0);
  await planAndApply(p.session, silent, parseCommandLine(['undo'], cliCommands), prepared, asked);
  const [run] = p.session.journals.list().filter((r) => r.plan.verb === 'pool-add');
  assert.equal(run?.state, 'undone');
});

/** That nothing but a tear down is proposed for what `up` made. */
const onlyDown = {
  code: 'refused',
  message: /^Another run has changed the cluster since [\w-]+, which can undo only its own changes: [\w-]+$/,
  remedy: `Nothing was changed. To tear down the whole cluster: trizone down --cluster ${cluster}`,
};

/** The undo of the oldest create is refused by its plan, also in place of whoever holds the cluster. */
const assertRefused = async (w: CloudWorld): Promise<void> => {
  const p = await w.program();
  for (const takeOver of [false, true]) {
    const [, plan] = await planUndo(p, 'oldest', takeOver);
    const [refusal] = plan.refusals;
    assert.throws(() => {
      if (refusal !== undefined) throw refusal;
    }, onlyDown);
  }
};

const killedUp = async (w: CloudWorld, at: number): Promise<void> => {
  await assert.rejects(w.up(await w.program({ crashAt: at })), /killed/);
  w.bury();
};

test('undo of a create is refused once another run has finished it, of this computer or of another, or has begun to', async (t) => {
  for (const [at, how] of [
    [24, 'finished here'],
    [60, 'finished elsewhere'],
    [24, 'begun again'],
  ] as const)
    await t.test(how, async (each) => {
      const w = await cloudWorld(each, how);
      await killedUp(w, at);
      if (how === 'begun again') await killedUp(w, 40);
      else assertDone(how === 'finished here' ? await w.up() : await w.takeOver());
      const before = w.resources();
      await assertRefused(w);
      assert.deepEqual(w.resources(), before);
      if (how !== 'begun again') await assertWhole(w, 1, 3);
    });
});

test('undo of a whole create is refused once somebody has added to the cluster, also where the plan came before', async (t) => {
  const w = await small(t, 'added');
  const p = await w.program();
  const early = await planUndo(p, 'newest');
  const other = await w.program({ folder: temporaryFolder(t) });
  assertDone(await addPool(w, zoneC, { nodes: 1 }, other));
  assertDone(await replicate(w, zoneC, other));
  await assertRefused(w);
  const before = w.resources();
  const { error } = await w.apply(p, early);
  assert.ok(error);
  assert.throws(() => {
    throw error;
  }, onlyDown);
  assert.deepEqual(w.resources(), before);
  await assertWhole(w, 2, 2);
  // What was added to the cluster goes as before.
  assertDone(await w.carryOut((by) => undoOf(by, 'replicate'), other));
  await assertWhole(w, 1, 2);
});

/** Labels of the root record, changed as some other program would. */
const relabel = async (w: CloudWorld, keep: (key: string) => boolean, more: Record<string, string>): Promise<void> => {
  const { world, ids } = (await w.program()).session;
  const root = await findRoot(world, cluster);
  const ref = { kind: 'addresses', name: 'kubernetes-master-ip', region: root?.region ?? '' } as const;
  const found = await world.cloud.compute.get(ref);
  assert.ok(found);
  const kept = Object.fromEntries(Object.entries(found.labels).filter(([key]) => keep(key)));
  const body = { labels: { ...kept, ...more }, labelFingerprint: found.labelFingerprint };
  const { compute } = ungated(world.cloud);
  await compute.act(await compute.own(ref), 'setLabels', body, { requestId: uuid4(ids) });
};

/** What there is, by name. */
const named = (w: CloudWorld): string[] =>
  Object.entries(w.resources()).flatMap(([table, rows]) =>
    table === 'holds' ? [] : Object.keys(rows as object).map((name) => `${table} ${name}`),
  );

test('undo of a create is refused if somebody else has worked on the cluster while it waited for the lease', async (t) => {
  const w = await cloudWorld(t, 'waited');
  await killedUp(w, 60);
  // A copy of the state folder on another computer: it knows the run, and is not the holder.
  const folder = temporaryFolder(t);
  cpSync(join(w.folder, 'runs'), join(folder, 'runs'), { recursive: true });
  const p = await w.program({ folder });
  const early = await planUndo(p, 'newest', true);
  assert.deepEqual(early[1].refusals, []);
  const before = named(w);
  let met: Promise<void> | undefined;
  const other = { [labelKeys.run]: 'other', [labelKeys.generation]: '2' };
  const result = await applyVerb(p.session, ...early, {
    listen: (e) => {
      if (e.type === 'progress' && e.text.includes('expires in'))
        met ??= relabel(w, (key) => key !== labelKeys.leaseHolder, other);
    },
    ...{ cancel: new AbortController().signal, takeOver: false },
  });
  await met;
  assert.ok(met !== undefined && result.error !== undefined);
  assert.throws(() => {
    throw result.error ?? new Error();
  }, onlyDown);
  assert.deepEqual(named(w), before);
});

test('undo of a create that was killed, resumed and killed again leaves nothing, nor does an undo that was killed itself', async (t) => {
  for (const again of ['undo', 'resume'] as const)
    await t.test(again, async (each) => {
      const w = await cloudWorld(each, `often-${again}`);
      const before = w.resources();
      await killedUp(w, 40);
      await assert.rejects(w.resume(await w.program({ crashAt: 20 })), /killed/);
      w.bury();
      await assert.rejects(undo(w, await w.program({ crashAt: 12 })), /killed/);
      w.bury();
      assertDone(again === 'undo' ? await undo(w) : await w.resume());
      assert.deepEqual(w.resources(), before);
    });
});

/** As an earlier Trizone leaves the root record: it does not say which run held the lease last. */
const forgetHolder = (w: CloudWorld): Promise<void> => relabel(w, (key) => key !== labelKeys.run, {});

test('on a cluster of an earlier Trizone the undo of a create counts how often its own run took the lease', async (t) => {
  const w = await cloudWorld(t, 'earlier');
  const before = w.resources();
  await killedUp(w, 40);
  await assert.rejects(w.resume(await w.program({ crashAt: 20 })), /killed/);
  w.bury();
  await forgetHolder(w);
  assertDone(await undo(w));
  assert.deepEqual(w.resources(), before);
  assertDone(await w.up());
  assertDone(await addPool(w, zoneC, { nodes: 1 }));
  await forgetHolder(w);
  await assert.rejects(undo(w), { ...onlyDown, message: /: a run of an earlier Trizone version$/ });
});
