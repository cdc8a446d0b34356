import assert from 'node:assert/strict';
import test from 'node:test';
import type { CloudWorld } from '../support/cloudWorld.ts';
import { byHand } from './cloudErrors.ts';
import { assertUnharmed, notInUse, resumed, small, strikes, told, undo } from './stories.ts';
import { assertDone, assertWhole, replicate, statusOf, zoneC } from './verbs.ts';

const first = 'kubernetes-master';
const replica = 'kubernetes-master-...';

test('a VM never boots: told after six minutes of silence, resume restarts it', async (t) => {
  const w = await small(t, 'silent');
  w.emulator.faults.set([{ match: { kind: 'machines', verb: 'boot', name: replica }, fault: 'machineHangs' }]);
  const failed = await replicate(w, zoneC);
  assert.deepEqual(told(failed), [
    'boot-failed',
    'The instance is running but has not reported for 6 min: NAME',
    notInUse('NAME', zoneC, 'Resume restarts it; undo deletes it'),
  ]);
  assert.ok(failed.ms < 8 * 60_000, `told after ${failed.ms / 1000} s`);
  await assertUnharmed(w, [first]);
  assertDone(await resumed(w));
  await assertWhole(w, 2, 1);
});

test('a startup script hangs: told at the deadline with the step it is at, resume restarts it', async (t) => {
  const w = await small(t, 'hangs');
  w.emulator.faults.set([{ match: { kind: 'machines', verb: 'images', name: replica }, fault: 'machineHangs' }]);
  assert.deepEqual(told(await replicate(w, zoneC)), [
    'timeout',
    'Timed out after 1200 s: Wait until NAME serves the API; last status: boot step 10/14: images',
    notInUse('NAME', zoneC, 'Resume keeps waiting, or restarts it if it failed; undo deletes it'),
  ]);
  await assertUnharmed(w, [first]);
  assertDone(await resumed(w));
  await assertWhole(w, 2, 1);
});

/** Runs `replicate` into c and lends a hand as soon as the run says this. */
const whileItRuns = async (w: CloudWorld, said: RegExp, hand: (name: string) => Promise<unknown>) => {
  const p = await w.program();
  const hands: Promise<unknown>[] = [];
  const push = p.events.push.bind(p.events);
  p.events.push = (...all) => {
    const [event] = all;
    if (event?.type === 'progress' && said.test(event.text) && hands.length === 0)
      hands.push(hand(event.step.slice(event.step.indexOf(':') + 1)));
    return push(...all);
  };
  const result = await replicate(w, zoneC, p);
  assert.equal(hands.length, 1, 'the moment never came');
  await Promise.all(hands);
  return result;
};

test('a VM is stopped by hand while it starts: told within one poll, resume starts it again', async (t) => {
  const w = await small(t, 'stopped');
  const failed = await whileItRuns(w, /packages/, (name) => byHand(w, 'POST', `zones/${zoneC}/instances/${name}/stop`));
  assert.deepEqual(told(failed), [
    'boot-failed',
    'The instance was stopped while it was starting: NAME is TERMINATED',
    notInUse('NAME', zoneC, 'Resume starts it again; undo deletes it'),
  ]);
  await assertUnharmed(w, [first]);
  assertDone(await resumed(w));
  await assertWhole(w, 2, 1);
});

test('a VM and its disk are deleted by hand while it starts: told within one poll, resume makes both again', async (t) => {
  const w = await small(t, 'deleted');
  const failed = await whileItRuns(w, /packages/, async (name) => {
    await byHand(w, 'POST', `zones/${zoneC}/instances/${name}/setDeletionProtection?deletionProtection=false`);
    await byHand(w, 'DELETE', `zones/${zoneC}/instances/${name}`);
    await byHand(w, 'DELETE', `zones/${zoneC}/disks/${name}-pd`);
  });
  assert.deepEqual(told(failed), [
    'boot-failed',
    'The instance was deleted while it was starting: NAME',
    'Resume creates it again; undo deletes what is left of it.',
  ]);
  await assertUnharmed(w, [first]);
  assertDone(await resumed(w));
  await assertWhole(w, 2, 1);
});

const notInSync = 'etcdserver: can only promote a learner member which is in sync with leader';

test('promotion is refused for a while: the machine says so and tries on, nobody has to do anything', async (t) => {
  const w = await small(t, 'promote');
  w.emulator.faults.set([strikes(replica, 'promote', notInSync, { nth: 'every', times: 20 })]);
  const p = await w.program();
  assertDone(await replicate(w, zoneC, p));
  const said = p.events.flatMap((e) => (e.type === 'progress' ? [e.text] : []));
  assert.ok(said.includes(`boot step 12/14: join-master: promoting the etcd member: ${notInSync}`), said.join('\n'));
  await assertWhole(w, 2, 1);
});

test('promotion is refused without end: the machine gives up, a learner harms no quorum, undo takes it out of etcd', async (t) => {
  const w = await small(t, 'no-promote');
  w.emulator.faults.set([strikes(replica, 'promote', notInSync, { nth: 'every' })]);
  assert.deepEqual(told(await replicate(w, zoneC)), [
    'boot-failed',
    `The instance reported a failed boot: NAME: join-master: promoting the etcd member: ${notInSync}`,
    notInUse('NAME', zoneC),
  ]);
  await assertUnharmed(w, [first]);
  assert.equal((await statusOf(w)).masters.find((m) => m.zone === zoneC)?.etcd, 'learner');
  assertDone(await undo(w, 'replicate'));
  await assertWhole(w, 1, 1);
});

test('a backend is never healthy: told at the deadline with what to look at; the others serve; resume or undo', async (t) => {
  const w = await small(t, 'backend');
  w.emulator.faults.set([strikes(replica, 'probe', '', { nth: 'every' })]);
  assert.deepEqual(told(await replicate(w, zoneC)), [
    'timeout',
    'Timed out after 600 s: Wait until NAME is healthy behind the load balancer; last status: UNHEALTHY in kubernetes-master, UNHEALTHY in kubernetes-master-internal',
    'It is a voter in etcd, but the load balancer sends it no traffic. Health checks must reach its /readyz on port 443; check firewall rule kubernetes-master-hc. Then resume; undo deletes it.',
  ]);
  await assertUnharmed(w, [first]);
  assertDone(await undo(w, 'replicate'));
  await assertWhole(w, 1, 1);
  w.emulator.faults.set([]);
  assertDone(await replicate(w, zoneC));
  await assertWhole(w, 2, 1);
});
