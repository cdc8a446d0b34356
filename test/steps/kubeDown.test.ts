import assert from 'node:assert/strict';
import test from 'node:test';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { readKubeDown, type Exports } from '../../src/model/kubeUp.ts';
import type { ClusterStatus } from '../../src/steps/status.ts';
import { decideKubeDown } from '../../src/workflows/kubeDown.ts';

const [b, c] = ['europe-west1-b', 'europe-west1-c'];
const [first, replica] = ['kubernetes-master', 'kubernetes-master-q7x'];
const machine = { machineType: 'e2-standard-2', status: 'RUNNING', node: 'Ready' } as const;

/** A cluster with these masters and pools, by name and zone. */
const cluster = (masters: [string, string][], pools: string[]): ClusterStatus => ({
  name: 'kubernetes',
  uid: 'abcd1234',
  region: 'europe-west1',
  endpoint: 'https://192.0.2.1',
  masters: masters.map(([name, zone]) => ({ name, zone, ...machine, etcd: 'voter', backend: 'healthy' })),
  pools: pools.map((zone) => ({ name: 'kubernetes-minion-group', zone, size: 3, stable: true, nodes: [] })),
  unreachable: undefined,
  running: undefined,
});

const one = cluster([[first, b]], [b]);
const three = cluster(
  [
    [first, b],
    [replica, c],
    ['kubernetes-master-x1y', 'europe-west1-d'],
  ],
  [b, c],
);

/** Variables beside the zone, what is there, and what it comes to: an outcome, or the words of the refusal. */
const rows: [string, Exports, ClusterStatus | undefined, 'tearDown' | RegExp | { nothing: RegExp }][] = [
  ['no cluster', {}, undefined, { nothing: /^Nothing of cluster kubernetes is there\.$/ }],
  ['no cluster, keeping nodes', { KUBE_DELETE_NODES: 'false' }, undefined, { nothing: /is there/ }],
  [
    'a zone without any of it',
    { KUBE_GCE_ZONE: c },
    one,
    { nothing: /is in europe-west1-c; it has kubernetes-master in europe-west1-b/ },
  ],
  ['the only zone', {}, one, 'tearDown'],
  ['the only zone, said aloud', { KUBE_DELETE_NODES: 'true', KUBE_USE_EXISTING_MASTER: 'false' }, one, 'tearDown'],
  ['the only master, by name', { KUBE_REPLICA_NAME: first }, one, 'tearDown'],
  ['a half-made cluster', {}, cluster([], []), 'tearDown'],
  [
    'a master that is not there',
    { KUBE_REPLICA_NAME: replica },
    one,
    /no master of that name: KUBE_REPLICA_NAME=kubernetes-master-q7x/,
  ],
  [
    'the only master, keeping nodes',
    { KUBE_DELETE_NODES: 'false' },
    one,
    /kubernetes-master is the last master: .* would leave nodes without one/,
  ],
  ['pool only', { KUBE_USE_EXISTING_MASTER: 'true' }, one, /Removing a node pool alone is not offered yet/],
  [
    'last master while another zone has a pool',
    {},
    cluster([[first, b]], [b, c]),
    /Other zones hold parts of the cluster: kubernetes-minion-group in europe-west1-c/,
  ],
  [
    'one of three zones',
    {},
    three,
    /Other zones hold parts of the cluster: kubernetes-master-q7x in europe-west1-c, kubernetes-master-x1y in europe-west1-d/,
  ],
  [
    'a replica, keeping nodes',
    { KUBE_GCE_ZONE: c, KUBE_DELETE_NODES: 'false' },
    three,
    /Removing a master alone is not offered yet: KUBE_DELETE_NODES=false in europe-west1-c/,
  ],
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
    if (comes === 'tearDown') assert.deepEqual(decided, { do: 'tearDown' });
    else assert.match(decided.do === 'nothing' ? decided.why : '', comes.nothing);
  });
}
