import assert from 'node:assert/strict';
import type { Person } from '../scenario.ts';

const pki = '/etc/kubernetes/pki/etcd';
const certificates = [`--cacert=${pki}/ca.crt`, `--cert=${pki}/server.crt`, `--key=${pki}/server.key`];

/** Output of etcdctl in the first master's etcd. */
export const etcdctl = (person: Person, ...words: readonly string[]): Promise<string> => {
  const command = ['etcdctl', '--endpoints=https://127.0.0.1:2379', ...certificates, ...words];
  return person.kubectl(['-n', 'kube-system', 'exec', 'etcd-kubernetes-master', '--', ...command]);
};

/**
 * Contents and identity of the first master's etcd. Its own IDs derive from name and address, so a new etcd in its
 * place has the same ones; the uid of a namespace changes with each cluster.
 */
export const identity = async (person: Person): Promise<string[]> => {
  const told = await etcdctl(person, 'endpoint', 'status', '--write-out=fields');
  const ids = told.match(/^"(ClusterID|MemberID)" : \d+$/gm) ?? [];
  assert.equal(ids.length, 2, told);
  return [await person.kubectl(['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}']), ...ids];
};

/** Names of etcd's members, all of which must be started voters. */
export const etcdVoters = async (person: Person): Promise<string[]> => {
  const lines = (await etcdctl(person, 'member', 'list')).trim().split('\n');
  return lines.map((line) => {
    const [, state, name = '', , , learner] = line.split(', ');
    assert.deepEqual([state, learner], ['started', 'false'], line);
    return name;
  });
};
