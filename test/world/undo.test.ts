import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { RunResult } from '../../src/engine/runner.ts';
import { planVerb } from '../../src/workflows/operate.ts';
import { prepareUndo } from '../../src/workflows/verbs.ts';
import { articleWish, cloudWorld, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

const noMaster = {
  match: { kind: 'instances', verb: 'insert', name: 'kubernetes-master' },
  fault: { type: 'stockOut', zonesAvailable: ['europe-west1-c'] },
};

/** `undo` of the newest run that created, as another process of the same state folder. */
const undo = async (w: CloudWorld, by?: Program): Promise<RunResult> => {
  const p = by ?? (await w.program());
  const run = p.session.journals.list().find((r) => r.plan.verb === 'up');
  assert.ok(run);
  const prepared = await prepareUndo(p.session.world, run, { ids: p.session.ids, takeOver: false });
  const plan = await planVerb(p.session, prepared, new AbortController().signal);
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
    message: /^Another computer holds the cluster: up, last heard of \d+ s ago$/,
  });
});

test('after a stock-out another first zone is refused until the first one is taken back', async (t) => {
  const [w, before] = await halfMade(t);
  const elsewhere = { ...articleWish, zone: 'europe-west1-c' };
  await assert.rejects(w.planUp(await w.program(), elsewhere), {
    code: 'refused',
    message: 'The cluster exists with another first zone: europe-west1-b, asked for europe-west1-c',
  });
  assert.equal((await undo(w)).error, undefined);
  assert.equal((await w.up(undefined, elsewhere)).error, undefined);
  assert.equal((await w.down())?.error, undefined);
  assert.deepEqual(w.resources(), before);
});
