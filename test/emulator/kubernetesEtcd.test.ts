import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  addMember,
  appended,
  elect,
  hasQuorum,
  healthMs,
  moveLeader,
  newEtcd,
  promote,
  published,
  dropMember,
  type SimulatedEtcd,
  type SimulatedMember,
  type Standpoint,
} from '../../src/emulator/kubernetes/etcd.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';

const member = (id: string): SimulatedMember => ({
  id,
  name: `m${id}`,
  peerUrl: `https://10.0.0.${id}:2380`,
  clientUrl: `https://10.0.0.${id}:2379`,
  learner: true,
});

const ids = ['1', '2', '3', '4', '5'];
const start = newEtcd('c', { ...member('1'), learner: false });
const upOf = (...running: string[]): Map<string, number> => new Map(running.map((id) => [id, 0]));
const later = healthMs + 1;
const from = (self: string, ...running: string[]): Standpoint => ({ self, now: later, up: upOf(...running) });
const all = from('1', ...ids);

const grown = (etcd: SimulatedEtcd, id: string): SimulatedEtcd => appended(addMember(etcd, all, member(id)), all.up);
const two = promote(grown(start, '2'), all, '2');
const three = promote(grown(two, '3'), all, '3');

interface Command {
  readonly verb: 'add' | 'promote' | 'remove';
  readonly id: string;
  readonly off: readonly string[];
}

const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.record({
    verb: fc.constantFrom('add' as const, 'promote' as const, 'remove' as const),
    id: fc.constantFrom(...ids),
    off: fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 2 }),
  }),
);

const apply = (etcd: SimulatedEtcd, command: Command, at: Standpoint): SimulatedEtcd => {
  try {
    if (command.verb === 'add') return addMember(etcd, at, member(command.id));
    if (command.verb === 'promote') return promote(etcd, at, command.id);
    return dropMember(etcd, at, command.id);
  } catch (error) {
    if (OperatorError.is(error, 'conflict', 'unavailable')) return etcd;
    throw error;
  }
};

test('whatever is asked, there is a voter, at most one learner, one change at a time, and the running rest has quorum', () => {
  fc.assert(
    fc.property(commands, (list) => {
      let etcd = start;
      for (const command of list) {
        const running = ids.filter((id) => !command.off.includes(id));
        const next = apply(etcd, command, from(running[0] ?? '', ...running));
        const voters = next.members.filter((m) => !m.learner);
        assert.ok(voters.length > 0);
        assert.ok(next.members.length - voters.length <= 1);
        assert.ok(Math.abs(next.members.length - etcd.members.length) <= 1);
        if (next.members.length < etcd.members.length) assert.ok(hasQuorum(next, upOf(...running)));
        etcd = appended(next, upOf(...running));
      }
    }),
  );
});

test('adding a learner to one voter does not touch its quorum, a second voter would', () => {
  const learning = grown(start, '2');
  assert.ok(hasQuorum(learning, upOf('1')));
  assert.ok(!hasQuorum(promote(learning, all, '2'), upOf('1')));
});

test('of two voters with one dead none can be removed: the removal itself needs both', () => {
  assert.throws(() => dropMember(two, from('1', '1'), '1'), /unhealthy cluster/);
  assert.throws(() => dropMember(two, from('1', '1'), '2'), /request timed out/);
});

test('a dead one of three is removed, a living one then is not', () => {
  assert.equal(dropMember(three, from('1', '1', '2'), '3').members.length, 2);
  assert.throws(() => dropMember(three, from('1', '1', '2'), '2'), /unhealthy cluster/);
});

test('a member that is up for less than five seconds counts as unhealthy', () => {
  const young = { self: '1', now: later, up: new Map([...upOf('1', '2'), ['3', 1_000]]) };
  assert.throws(() => addMember(three, young, member('4')), /unhealthy cluster/);
  assert.throws(() => dropMember(three, young, '2'), /unhealthy cluster/);
  assert.doesNotThrow(() => addMember(three, { ...young, now: later + 2_000 }, member('4')));
});

test('a learner is promoted only in sync, and one at a time', () => {
  const learning = addMember(start, all, { ...member('2'), name: '' });
  assert.throws(() => promote(learning, from('1', '1'), '2'), /in sync with leader/);
  assert.throws(() => addMember(learning, all, member('3')), /too many learner members/);
  const heard = appended(published(learning, '2', 'm2', 'https://10.0.0.2:2379'), all.up);
  assert.equal(promote(heard, all, '2').members[1]?.learner, false);
  // It was off during most of the log: it has that from the moment it runs again, without a further write.
  const missed = Array.from({ length: 30 }).reduce<SimulatedEtcd>((etcd) => appended(etcd, from('1', '1').up), heard);
  assert.throws(() => promote(missed, from('1', '1'), '2'), /in sync with leader/);
  assert.equal(promote(missed, all, '2').members[1]?.learner, false);
});

test('the last voter stays', () => {
  assert.throws(() => dropMember(start, all, '1'), /not enough started members/);
});

test('the leader stays while it runs with a majority', () => {
  const led = appended(elect(two, all.up), all.up);
  assert.equal(elect(led, all.up), led);
  const alone = dropMember(appended(three, all.up), from('2', '2', '3'), '1');
  assert.equal(alone.leader, '2');
});

test('leadership goes to a voter, and only the leader gives it', () => {
  assert.equal(moveLeader(three, all, '2').leader, '2');
  assert.throws(() => moveLeader(three, { ...all, self: '2' }, '3'), /not leader/);
  assert.throws(() => moveLeader(grown(two, '4'), all, '4'), /bad leader transferee/);
});

test('etcd 3.7 adds a member while a majority of the enlarged cluster is connected, the new one not counted', () => {
  const four = promote(grown(three, '4'), all, '4');
  assert.doesNotThrow(() => addMember(four, from('1', '1', '2', '3'), member('5')));
  assert.throws(() => addMember(three, from('1', '1', '2'), member('4')), /unhealthy cluster/);
});

test('a learner that was in sync is promoted although it is dead, until another leads', () => {
  const learning = grown(two, '3');
  assert.doesNotThrow(() => promote(learning, from('1', '1', '2'), '3'));
  assert.throws(() => promote(moveLeader(learning, from('1', '1', '2'), '2'), from('1', '1', '2'), '3'), /in sync/);
});
