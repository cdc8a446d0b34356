import assert from 'node:assert/strict';
import test from 'node:test';
import { labelKeys } from '../../src/model/marker.ts';
import { findRoots } from '../../src/steps/inventory.ts';
import { applyVerb } from '../../src/operate/operate.ts';
import { planVerb, type CloudPlan } from '../../src/operate/operator.ts';
import { differenceText, type PlanDifference } from '../../src/operate/planDifference.ts';
import type { Prepared } from '../../src/verbs/prepared.ts';
import { network, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { temporaryFolder, type Cleanup } from '../support/engineWorld.ts';
import { small } from './stories.ts';
import { assertDone, assertWhole, cluster, options, replicate, resizePool, zoneB, zoneC, zoneD } from './verbs.ts';
import { makeHa } from '../../src/verbs/makeHa.ts';
import { masterRemove } from '../../src/verbs/masterRemove.ts';
import { poolResize } from '../../src/verbs/poolResize.ts';
import { replicate as replicateVerb } from '../../src/verbs/replicate.ts';

const elsewhere = (t: Cleanup, w: CloudWorld): Promise<Program> => w.program({ folder: temporaryFolder(t) });

const planned = async (p: Program, prepared: Prepared): Promise<[Prepared, CloudPlan]> => [
  prepared,
  await planVerb(p.session, prepared, new AbortController().signal),
];

const rootOf = async (p: Program) => {
  const [root] = await p.session.world.cloud.compute.list('addresses');
  const found = (await findRoots(p.session.world.cloud))[0];
  assert.ok(root !== undefined && found !== undefined);
  return (
    (await p.session.world.cloud.compute.get({
      kind: 'addresses',
      name: 'kubernetes-master-ip',
      region: found.region,
    })) ?? root
  );
};

test('a run that came and went leaves another generation and therefore another fingerprint, although it gave its lease back', async (t) => {
  const w = await small(t, 'generation');
  const p = await w.program();
  const before = await rootOf(p);
  assertDone(await resizePool(w, zoneB, 2, await elsewhere(t, w)));
  const after = await rootOf(p);
  const bare = ({ [labelKeys.generation]: generation, ...others }: Readonly<Record<string, string>>) => {
    const { [labelKeys.run]: run, ...rest } = others;
    return { generation, run, rest };
  };
  assert.deepEqual(bare(after.labels).rest, bare(before.labels).rest);
  assert.notEqual(bare(after.labels).run, bare(before.labels).run);
  assert.deepEqual([bare(before.labels).generation, bare(after.labels).generation], ['1', '2']);
  assert.notEqual(after.labelFingerprint, before.labelFingerprint);
});

const agreeing = (asked: string[]) => ({
  ...{ listen: () => undefined, cancel: new AbortController().signal, takeOver: false },
  differs: (d: PlanDifference) => Promise.resolve(asked.push(differenceText(d)) > 0),
});

test('somebody replicates while a plan waits: what would be done now is shown and asked for, and every serving master stays registered', async (t) => {
  const w = await small(t, 'waits');
  const a = await w.program();
  const b = await elsewhere(t, w);
  assertDone(await replicate(w, zoneC, b));
  const name = (await assertWhole(w, 2, 1)).masters.find((m) => m.zone === zoneC)?.name ?? '';
  const wish = { cluster, name };
  const removal = await planned(a, await masterRemove.prepare(a.session.world, wish, options(a)));
  assertDone(await replicate(w, zoneC, b));
  await assertWhole(w, 3, 1);
  // Nobody to ask: as many as were shown or fewer are fine. The zone's group stays now: that is less.
  const asked: string[] = [];
  const result = await applyVerb(a.session, ...removal, agreeing(asked));
  assertDone(result);
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? '', /removed: - Delete instance group kubernetes-masters in europe-west1-c/);
  await assertWhole(w, 2, 1);
  const stored = a.session.journals.read(result.run);
  assert.ok(stored.records.some((r) => r.type === 'replanned'));
  assert.ok(
    !stored.plan.steps.some((s) => s.title.text.startsWith('Delete instance group')),
    'the run shows what it did',
  );
});

test('with nobody to ask, a plan that would do more than was shown is refused with the difference, and nothing is changed', async (t) => {
  const w = await small(t, 'more');
  const a = await w.program();
  const wish = { cluster, zone: zoneB, nodes: 2 };
  const resize = await planned(a, await poolResize.prepare(a.session.world, wish, options(a)));
  assertDone(await resizePool(w, zoneB, 4, await elsewhere(t, w)));
  const before = w.resources();
  const result = await w.apply(a, resize);
  assert.equal(result.error?.code, 'refused');
  assert.match(result.error.message, /^The cluster has changed since this plan was made: differences:\n {2}new: /);
  assert.equal(result.error.remedy, 'Nothing was changed. Make a new plan.');
  const labels = (state: Record<string, unknown>) =>
    JSON.stringify(state).replace(/trizone-(generation|run)":"[^"]*"|"labelFingerprint":"[^"]*"/g, '');
  assert.equal(labels(w.resources()), labels(before));
  await assertWhole(w, 1, 4);
});

test('what would be done now is warned of as a plan would: a second master for a zone is no plan without a word', async (t) => {
  const w = await small(t, 'warned');
  const a = await w.program();
  const replica = await planned(a, await replicateVerb.prepare(a.session.world, { cluster, zone: zoneC }, options(a)));
  assertDone(await replicate(w, zoneC, await elsewhere(t, w)));
  const { error } = await w.apply(a, replica);
  assert.equal(error?.code, 'refused');
  assert.match(error.message, /\n {2}Warning: europe-west1-c would hold more than one master/);
  await assertWhole(w, 2, 1);
});

test('make-ha is for zones: one that has got its master meanwhile gets no second one', async (t) => {
  const w = await small(t, 'zones');
  const a = await w.program();
  const wish = { cluster, zones: [zoneC, zoneD] };
  const ha = await planned(a, await makeHa.prepare(a.session.world, wish, options(a)));
  assertDone(await replicate(w, zoneC, await elsewhere(t, w)));
  const asked: string[] = [];
  assertDone(await applyVerb(a.session, ...ha, agreeing(asked)));
  assert.doesNotMatch(asked.join(), /Warning/);
  const { masters } = await assertWhole(w, 3, 1);
  assert.deepEqual(masters.map((m) => m.zone).toSorted(), [zoneB, zoneC, zoneD]);
});

test('nothing is asked where nobody else came between, nor where the difference is none', async (t) => {
  const w = await small(t, 'same');
  const a = await w.program();
  const plan = await planned(a, await replicateVerb.prepare(a.session.world, { cluster, zone: zoneC }, options(a)));
  // A run that changes nothing of what is planned.
  assertDone(await resizePool(w, zoneB, 2, await elsewhere(t, w)));
  const result = await applyVerb(a.session, ...plan, {
    ...{ listen: () => undefined, cancel: new AbortController().signal, takeOver: false },
    differs: (d) => Promise.reject(new Error(differenceText(d))),
  });
  assertDone(result);
  await assertWhole(w, 2, 2);
});

test('a lease is written by the fingerprint of the look that was decided on: who was slower finds the other', async (t) => {
  const w = await small(t, 'compare and set');
  const both = Promise.withResolvers<undefined>();
  let looks = 0;
  // Both have looked, and found the cluster free, before the first of them writes.
  const meet: Parameters<typeof w.program>[0] = {
    network: (inner) => async (url, init) => {
      if (url.endsWith('kubernetes-master-ip/setLabels') && ++looks === 2) both.resolve(undefined);
      if (url.endsWith('kubernetes-master-ip/setLabels')) await both.promise;
      return inner(url, init);
    },
  };
  const [a, b] = [
    await w.program({ folder: temporaryFolder(t), ...meet }),
    await w.program({ folder: temporaryFolder(t), ...meet }),
  ];
  const plan = async (p: Program, nodes: number) =>
    planned(p, await poolResize.prepare(p.session.world, { cluster, zone: zoneB, nodes }, options(p)));
  const plans = [await plan(a, 2), await plan(b, 3)] as const;
  const results = await Promise.all([w.apply(a, plans[0]), w.apply(b, plans[1])]);
  const codes = results.map((r) => r.error?.code ?? 'done').sort();
  assert.deepEqual(codes, ['done', 'leased']);
});

test('a run that was cut off ends as leased before its next change, once another computer holds the cluster', async (t) => {
  const w = await small(t, 'cut off');
  let isCut = false;
  const sent: string[] = [];
  const a = await w.program({
    network: (inner) =>
      network(() => isCut)((url, init) => {
        sent.push(`${init.method} ${new URL(url).pathname}`);
        return inner(url, init);
      }),
  });
  const grows = replicate(w, zoneC, a);
  await w.clock.sleep(60_000);
  isCut = true;
  const b = await elsewhere(t, w);
  const takeOver = { ids: b.session.ids, takeOver: true };
  // It finds the half-made master, and makes it whole.
  const over = await planned(b, await replicateVerb.prepare(b.session.world, { cluster, zone: zoneC }, takeOver));
  assertDone(await w.apply(b, over));
  const before = sent.length;
  isCut = false;
  const result = await grows;
  assert.equal(result.error?.code, 'leased', result.error?.message);
  const changes = sent.slice(before).filter((line) => !line.startsWith('GET') && !asks.test(line));
  assert.deepEqual(changes, [], 'something was changed after the lease was lost');
  await assertWhole(w, 2, 1);
});

// What is read by POST.
const asks = /(wait|getHealth|listInstances|listManagedInstances|:getIamPolicy|:testIamPermissions)$/;
