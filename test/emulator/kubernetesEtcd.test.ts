import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  addLearner,
  elect,
  hasQuorum,
  newEtcd,
  promote,
  removeMember,
  type Etcd,
  type Member,
} from '../../src/emulator/kubernetes/etcd.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';

const member = (id: string): Member => ({
  id,
  name: `m${id}`,
  peerUrl: `https://10.0.0.${id}:2380`,
  clientUrl: `https://10.0.0.${id}:2379`,
  learner: false,
});

const ids = ['1', '2', '3', '4', '5'];
const start = newEtcd('c', member('1'));
const all = new Set(ids);

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

const apply = (etcd: Etcd, command: Command): Etcd => {
  const running = new Set(ids.filter((id) => !command.off.includes(id)));
  try {
    if (command.verb === 'add') return addLearner(etcd, running, member(command.id));
    if (command.verb === 'promote') return promote(etcd, running, command.id);
    return removeMember(etcd, running, command.id);
  } catch (error) {
    if (OperatorError.is(error, 'conflict')) return etcd;
    throw error;
  }
};

test('whatever is asked, there is a voter, at most one learner, one change at a time, and the running rest has quorum', () => {
  fc.assert(
    fc.property(commands, (list) => {
      let etcd = start;
      for (const command of list) {
        const next = apply(etcd, command);
        const voters = next.members.filter((m) => !m.learner);
        const running = new Set(ids.filter((id) => !command.off.includes(id)));
        assert.ok(voters.length > 0);
        assert.ok(next.members.length - voters.length <= 1);
        assert.ok(Math.abs(next.members.length - etcd.members.length) <= 1);
        if (next.members.length < etcd.members.length) assert.ok(hasQuorum(next, running));
        etcd = next;
      }
    }),
  );
});

test('adding a learner to one voter does not touch its quorum, a second voter would', () => {
  const grown = addLearner(start, all, member('2'));
  assert.ok(hasQuorum(grown, new Set(['1'])));
  assert.ok(!hasQuorum(promote(grown, all, '2'), new Set(['1'])));
});

test('of two voters with one dead none can be removed', () => {
  const two = promote(addLearner(start, all, member('2')), all, '2');
  assert.throws(() => removeMember(two, new Set(['1']), '1'), /unhealthy cluster/);
  assert.doesNotThrow(() => removeMember(two, new Set(['1']), '2'));
});

test('the leader stays while it runs', () => {
  const two = promote(addLearner(start, all, member('2')), all, '2');
  assert.equal(elect(two, all), two);
  assert.deepEqual([elect(two, new Set(['2'])).leader, elect(two, new Set(['2'])).term], ['2', two.term + 1]);
});
