import assert from 'node:assert/strict';
import test from 'node:test';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { readKubeDown } from '../../src/model/kubeUp.ts';
import type { Exports } from '../../src/model/kubeUpVariables.ts';
import type { ClusterStatus } from '../../src/steps/status.ts';
import { decideKubeDown, type KubeDownDecision } from '../../src/verbs/kubeDown.ts';

const [b, c] = ['europe-west1-b', 'europe-west1-c'];
const [first, replica] = ['kubernetes-master', 'kubernetes-master-q7x'];
const machine = { machineType: 'e2-standard-2', status: 'RUNNING', node: 'Ready' } as const;

/** A cluster with these masters (the later ones are the newer ones) and pools, by name and zone. */
const cluster = (masters: [string, string][], pools: string[]): ClusterStatus => ({
  name: 'kubernetes',
  uid: 'abcd1234',
  region: 'europe-west1',
  endpoint: 'https://192.0.2.1',
  masters: masters.map(([name, zone], created) => ({
    name,
    zone,
    ...machine,
    etcd: 'voter',
    backend: 'healthy',
    created,
  })),
  pools: pools.map((zone) => ({ name: 'kubernetes-minion-group', zone, size: 3, stable: true, nodes: [] })),
  unreachable: undefined,
  running: undefined,
});

const d = 'europe-west1-d';
const [other, newest] = ['kubernetes-master-x1y', 'kubernetes-master-a0a'];
const one = cluster([[first, b]], [b]);
const three = cluster(
  [
    [first, b],
    [replica, c],
    [other, d],
  ],
  [b, c],
);
const sameZone = cluster(
  [
    [first, b],
    [replica, b],
    [newest, b],
  ],
  [b],
);

type Comes = RegExp | { nothing: RegExp } | { does: Partial<KubeDownDecision>; says?: RegExp };
const parts = (pools: string[], masters: string[]): Comes => ({ does: { do: 'removeParts', pools, masters } });
const gone = (name: string): Comes => ({ does: { do: 'removeMaster', name } });
const tornDown: Comes = { does: { do: 'tearDown' } };
const keep = { KUBE_DELETE_NODES: 'false' };
const existing = { KUBE_USE_EXISTING_MASTER: 'true' };

/** The table of the design: variables beside the zone, what is there, and what it comes to. */
const rows: [string, Exports, ClusterStatus | undefined, Comes][] = [
  ['no cluster', {}, undefined, { nothing: /^Cluster kubernetes has no resources\.$/ }],
  ['no cluster, keeping nodes', keep, undefined, { nothing: /has no resources\./ }],
  [
    'a zone without any of it',
    { KUBE_GCE_ZONE: c },
    one,
    { nothing: /has no resources in europe-west1-c; it has kubernetes-master in europe-west1-b/ },
  ],
  [
    'a zone without any of it, keeping nodes',
    { KUBE_GCE_ZONE: c, ...keep },
    one,
    { nothing: /has no resources in europe-west1-c/ },
  ],
  [
    'a zone without any of it, keeping the master',
    { KUBE_GCE_ZONE: c, ...existing },
    one,
    { nothing: /has no resources in europe-west1-c/ },
  ],
  ['keeping both', { ...keep, ...existing }, one, { nothing: /keeps the nodes/ }],
  ['a half-made cluster', {}, cluster([], []), tornDown],
  [
    'a master that is not there',
    { KUBE_REPLICA_NAME: replica },
    one,
    /Master not found: KUBE_REPLICA_NAME=kubernetes-master-q7x/,
  ],

  ['a replica, keeping nodes', { KUBE_GCE_ZONE: c, ...keep }, three, gone(replica)],
  ['a replica by name, from another zone', { ...keep, KUBE_REPLICA_NAME: other }, three, gone(other)],
  ['the first master by name', { ...keep, KUBE_REPLICA_NAME: first }, three, gone(first)],
  [
    'the first master unnamed',
    keep,
    three,
    /holds the first master kubernetes-master, which is removed only when named explicitly/,
  ],
  [
    'a zone with pools only, keeping nodes',
    { KUBE_GCE_ZONE: c, ...keep },
    cluster([[first, b]], [b, c]),
    { nothing: /its pools are kept/ },
  ],

  [
    'the last master while another zone has a pool',
    {},
    cluster([[first, b]], [b, c]),
    /is the last master, but other zones have pools: kubernetes-minion-group in europe-west1-c/,
  ],
  [
    'the only master, keeping nodes',
    keep,
    one,
    /kubernetes-master is the last master: .* would leave the nodes without one/,
  ],
  ['the only master by name, keeping nodes', { ...keep, KUBE_REPLICA_NAME: first }, one, /is the last master/],

  ['several masters in the zone, keeping nodes: the newest', keep, sameZone, gone(newest)],
  [
    'two masters in the zone, keeping nodes: never the first',
    keep,
    cluster(
      [
        [replica, b],
        [first, b],
      ],
      [b],
    ),
    gone(replica),
  ],

  ['the pool alone', existing, one, parts(['group'], [])],
  [
    'the pool alone where no master is',
    { KUBE_GCE_ZONE: c, ...existing },
    cluster([[first, b]], [b, c]),
    parts(['group'], []),
  ],
  [
    'the pool alone where there is none',
    { KUBE_GCE_ZONE: d, ...existing },
    three,
    { nothing: /has no pool .*kubernetes-master-x1y is kept/ },
  ],

  ['the only zone', {}, one, tornDown],
  ['the only zone, said aloud', { KUBE_DELETE_NODES: 'true', KUBE_USE_EXISTING_MASTER: 'false' }, one, tornDown],
  ['the only zone, with several masters', {}, sameZone, tornDown],
  ['the only master, by name', { KUBE_REPLICA_NAME: first }, one, tornDown],

  ['one of three zones', { KUBE_GCE_ZONE: c }, three, parts(['group'], [replica])],
  ['the first of three zones', {}, three, parts(['group'], [first])],
  [
    'a zone with several masters: the first one last',
    {},
    cluster(
      [
        [first, b],
        [replica, b],
        [newest, b],
        [other, d],
      ],
      [b],
    ),
    parts(['group'], [newest, replica, first]),
  ],
  ['a zone with a pool only', { KUBE_GCE_ZONE: c }, cluster([[first, b]], [b, c]), parts(['group'], [])],
];

for (const [what, env, has, comes] of rows) {
  test(`kube-down of ${what}`, () => {
    const asked = readKubeDown({ KUBE_GCE_ZONE: b, ...env });
    if (comes instanceof RegExp) {
      assert.throws(
        () => decideKubeDown(asked, has),
        (e) => OperatorError.is(e, 'refused') && comes.test(e.message) && (e.remedy ?? '') !== '',
      );
      return;
    }
    const decided = decideKubeDown(asked, has);
    if ('nothing' in comes) assert.match(decided.do === 'nothing' ? decided.why : decided.do, comes.nothing);
    else assert.deepEqual({ ...decided, ...comes.does }, decided);
  });
}

test('what is left where is said', () => {
  const decided = decideKubeDown(readKubeDown({ KUBE_GCE_ZONE: c }), three);
  const left =
    'kubernetes-master in europe-west1-b, kubernetes-master-x1y in europe-west1-d, kubernetes-minion-group in europe-west1-b';
  assert.equal('note' in decided ? decided.note : '', `Remaining: ${left}.`);
});
