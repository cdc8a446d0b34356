import assert from 'node:assert/strict';
import type { Person } from '../scenario.ts';

/** The smallest cluster: one master, one node. */
export const small = { KUBE_GCE_ZONE: 'europe-west1-b', NUM_NODES: '1' } as const;

/** It has both Nodes, and only the one member of etcd that its master is. */
export const assertSmall = async (person: Person): Promise<void> => {
  const nodes = await person.kubectl(['get', 'nodes', '--no-headers']);
  assert.equal(nodes.match(/\sReady\s/g)?.length, 2, nodes);
  const pki = '/etc/kubernetes/pki/etcd';
  const keys = [`--cacert=${pki}/ca.crt`, `--cert=${pki}/server.crt`, `--key=${pki}/server.key`];
  const etcdctl = ['etcdctl', '--endpoints=https://127.0.0.1:2379', ...keys, 'member', 'list'];
  const members = await person.kubectl(['-n', 'kube-system', 'exec', 'etcd-kubernetes-master', '--', ...etcdctl]);
  assert.match(members, /^\w+, started, kubernetes-master, [^\n]*, false\n$/);
};

/** Torn down, and nothing of it is left. */
export const smallGone = async (person: Person): Promise<void> => {
  await person.trizone(['kube-down', '--yes'], small);
  assert.match(await person.trizone(['leftovers']), /^0 leftovers/);
};
