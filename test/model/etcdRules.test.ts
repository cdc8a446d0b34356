import assert from 'node:assert/strict';
import test from 'node:test';
import type { EtcdMember, EtcdState } from '../../src/kube/kubernetes.ts';
import { growthRefusal, shrinkRefusal } from '../../src/model/etcdRules.ts';

type State = 'voter' | 'leader' | 'learner' | 'down';

/** Members a, b, c … of these states. */
const etcd = (...states: State[]): EtcdState => ({
  alarms: [],
  members: states.map((state, i): EtcdMember => ({
    ...{ id: String(i + 1), name: 'abcdefg'[i] ?? '', started: true, dbSize: 1, healthy: state !== 'down' },
    ...{ learner: state === 'learner', leader: state === 'leader' },
    ...{ peerUrl: `https://10.0.0.${i}:2380`, clientUrl: `https://10.0.0.${i}:2379` },
  })),
});

type Refusal = RegExp | undefined;

const shrinks: [string, EtcdState, string, Refusal][] = [
  ['one of three', etcd('leader', 'voter', 'voter'), 'c', undefined],
  ['one of two', etcd('leader', 'voter'), 'a', undefined],
  ['the last one', etcd('leader'), 'a', /a is the last master/],
  [
    'a healthy one while another is down',
    etcd('leader', 'voter', 'down'),
    'b',
    /c is not responding \(2 of 3 voters responding, quorum 2; without b: 1 of 2, quorum 2\)/,
  ],
  ['the one that is down', etcd('leader', 'voter', 'down'), 'c', undefined],
  ['the dead one of two', etcd('leader', 'down'), 'b', /etcd has lost quorum: 1 of 2 voters responding, quorum 2/],
  ['one of two that are down', etcd('leader', 'voter', 'voter', 'down', 'down'), 'e', undefined],
  [
    'the healthy one of two',
    etcd('leader', 'down'),
    'a',
    /lost quorum: 1 of 2 voters responding, quorum 2; without a: 0 of 1, quorum 1/,
  ],
  ['a learner that never voted', etcd('leader', 'learner'), 'b', undefined],
  ['a voter while another joins', etcd('leader', 'voter', 'learner'), 'b', /c is a learner/],
  ['one that is no member any more', etcd('leader', 'voter'), 'x', undefined],
];

for (const [what, state, name, refusal] of shrinks) {
  test(`taking away ${what}: ${refusal === undefined ? 'allowed' : 'refused'}`, () => {
    const found = shrinkRefusal(state, { name });
    if (refusal === undefined) assert.equal(found, undefined, found?.message);
    else assert.match(found?.message ?? '', refusal);
  });
}

const grows: [string, EtcdState, string, Refusal][] = [
  ['one', etcd('leader'), 'b', undefined],
  ['a healthy pair', etcd('leader', 'voter'), 'c', undefined],
  [
    'an unhealthy pair',
    etcd('leader', 'down'),
    'c',
    /etcd must be healthy before a member is added: b is not responding \(1 of 2 responding, quorum 2\)/,
  ],
  ['one that another is joining', etcd('leader', 'learner'), 'c', /b is a learner/],
  ['one that it is joining itself', etcd('leader', 'learner'), 'b', undefined],
  [
    'five',
    etcd('leader', 'voter', 'voter', 'voter', 'voter'),
    'f',
    /A cluster can have at most 5 masters, and this one already has 5/,
  ],
  ['one with an alarm', { ...etcd('leader'), alarms: ['memberID:1 alarm:NOSPACE'] }, 'b', /alarm:NOSPACE/],
];

for (const [what, state, name, refusal] of grows) {
  test(`adding a master to ${what}: ${refusal === undefined ? 'allowed' : 'refused'}`, () => {
    const found = growthRefusal(state, { name });
    if (refusal === undefined) assert.equal(found, undefined, found?.message);
    else assert.match(found?.message ?? '', refusal);
  });
}

test('an unstarted half of a replica is known by its peer URL, having no name yet', () => {
  const state = etcd('leader', 'learner');
  const half = {
    ...state,
    members: state.members.map((m) => (m.name === 'b' ? { ...m, name: '', started: false } : m)),
  };
  assert.match(growthRefusal(half, { name: 'b' })?.message ?? '', /is not responding/);
  assert.equal(growthRefusal(half, { name: 'b', ip: '10.0.0.1' }), undefined);
});
