import assert from 'node:assert/strict';
import test from 'node:test';
import { quorum } from '../../src/model/quorum.ts';
import type { CloudStep } from '../../src/steps/world.ts';
import { articleWish, cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';
import { small, undo } from './stories.ts';
import { assertDone, cluster, makeHa, removeMaster, replicate, statusOf, zoneB, zoneC, zoneD } from './verbs.ts';
import { makeHa as makeHaVerb } from '../../src/verbs/makeHa.ts';

interface Copy {
  readonly self: string;
  readonly etcd: {
    readonly index: number;
    readonly members: readonly { readonly id: string; readonly learner: boolean }[];
  };
}

/** What is true of the masters at this instant, out of the emulator's own state: not what Trizone believes. */
const truth = (w: CloudWorld) => {
  const all = w.emulator.exportState() as Record<string, Record<string, unknown> | undefined>;
  const copies = Object.entries(all).flatMap(([table, rows]) => {
    const [, path] = /^documents\/(zones\/[^/]+\/disks\/.*)-pd$/.exec(table) ?? [];
    const copy = rows?.etcd as Copy | undefined;
    return path === undefined || copy === undefined ? [] : [{ machine: path.replace('/disks/', '/instances/'), copy }];
  });
  const [newest] = copies.map((c) => c.copy.etcd).sort((a, b) => b.index - a.index);
  const members = newest?.members ?? [];
  const machineOf = (id: string): string => copies.find((c) => c.copy.self === id)?.machine ?? id;
  const voters = members.filter((m) => !m.learner).map((m) => machineOf(m.id));
  const registered = Object.entries(all).flatMap(([table, rows]) =>
    /^groupMembers\/.*\/kubernetes-masters$/.test(table) ? Object.keys(rows ?? {}) : [],
  );
  const hasPower = (machine: string): boolean => all.boots?.[machine] !== undefined;
  return { voters, hasPower, learners: members.length - voters.length, registered };
};

/**
 * Each half was seen failing when `workflows/masters.ts` registered a replica before it voted, took a master out of its group
 * after its member was removed, or removed its machine before its member.
 *
 * Looks at every request of the program. Invariant 5: who is in the load balancer's groups votes and has power (but for the
 * first master, which is registered before there is an etcd). Invariant 6: so many voters have power that writes go on, and
 * one change of members is under way at most.
 */
const watch = (w: CloudWorld): { looked: number; busy: number } => {
  const count = { looked: 0, busy: 0 };
  const real = w.emulator.fetch.bind(w.emulator);
  w.emulator.fetch = (url, init) => {
    const { voters, hasPower, learners, registered } = truth(w);
    const alive = voters.filter(hasPower).length;
    count.looked++;
    if (registered.length > 1) count.busy++;
    if (voters.length > 0) {
      for (const machine of registered)
        assert.ok(voters.includes(machine) && hasPower(machine), `registered and no voter with power: ${machine}`);
      assert.ok(alive >= quorum(voters.length), `${alive} of ${voters.length} voters have power`);
    }
    assert.ok(learners <= 1, `${learners} learners at once`);
    return real(url, init);
  };
  return count;
};

test('who is registered votes, and quorum stands, at every request of up, replicate, make-ha, master remove, undo and down', async (t) => {
  const w = await cloudWorld(t, 'invariants');
  const count = watch(w);
  assertDone(await w.up(undefined, { ...articleWish, nodes: 1 }));
  assertDone(await replicate(w, zoneC));
  assertDone(await undo(w, 'replicate'));
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  const leader = (await statusOf(w)).masters.find((m) => m.etcd === 'leader')?.name ?? assert.fail();
  assertDone(await removeMaster(w, leader));
  const [next] = (await statusOf(w)).masters;
  assertDone(await removeMaster(w, next?.name ?? assert.fail()));
  assert.ok(count.looked > 500 && count.busy > 100, JSON.stringify(count));
});

test('a cluster of three zones keeps both while it is made', async (t) => {
  const w = await cloudWorld(t, 'three-zones');
  watch(w);
  assertDone(await w.up(undefined, { ...articleWish, nodes: 1, zones: [zoneB, zoneC, zoneD] }));
});

test('by the edges, too, a second replica is waited for and registered only when the first one is healthy', async (t) => {
  const w = await small(t, 'edges');
  const p = await w.program();
  const wish = { cluster, zones: [zoneB, zoneC, zoneD] };
  const { steps } = await makeHaVerb.prepare(p.session.world, wish, { ids: p.session.ids, takeOver: false });
  const before = (step: CloudStep): string[] => step.after.flatMap((a) => [a.id, ...before(a)]);
  const [, second] = steps.filter((s) => s.id.startsWith('voter:'));
  const [firstHealthy] = steps.filter((s) => s.id.startsWith('healthy:'));
  assert.ok(second && firstHealthy);
  assert.ok(before(second).includes(firstHealthy.id), `${second.id} before ${firstHealthy.id}`);
});
