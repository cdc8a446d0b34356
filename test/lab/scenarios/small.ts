import assert from 'node:assert/strict';
import type { Person } from '../scenario.ts';
import { etcdVoters } from './etcd.ts';

/** The smallest cluster: one master, one node. */
export const small = { KUBE_GCE_ZONE: 'europe-west1-b', NUM_NODES: '1' } as const;

/** It has both Nodes, and its master is the only etcd member. */
export const assertSmall = async (person: Person): Promise<void> => {
  const nodes = await person.kubectl(['get', 'nodes', '--no-headers']);
  assert.equal(nodes.match(/\sReady\s/g)?.length, 2, nodes);
  assert.deepEqual(await etcdVoters(person), ['kubernetes-master']);
};

/** Tears it down, and expects nothing to be left. */
export const smallGone = async (person: Person): Promise<void> => {
  await person.trizone(['kube-down', '--yes'], small);
  await person.leftNothing();
};
