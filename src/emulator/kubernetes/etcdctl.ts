import type { Ids } from '../../lib/ids.ts';
import type { ClusterView } from './clusterState.ts';
import type { SimulatedEtcd } from './etcd.ts';
import { alarmList, endpointHealth, endpointsOf, endpointStatus } from './etcdctlEndpoints.ts';
import {
  leaderMove,
  memberAdd,
  memberList,
  memberPromote,
  memberRemove,
  type MemberRequest,
} from './etcdctlMembers.ts';
import { deadline, etcdctlError, readArguments, type Printed } from './etcdctlWords.ts';

/** The pod that runs etcdctl, with access to its cluster. */
export interface EtcdctlPod {
  readonly view: ClusterView;
  /** The pod's member. */
  readonly self: string;
  /** Cluster time. */
  readonly now: number;
  readonly ids: Ids;
  readonly write: (etcd: SimulatedEtcd) => boolean;
}

/** `etcdctl` in the static pod of one master, with the formats and exit codes of etcdctl 3.7. */
export const runEtcdctl = (pod: EtcdctlPod, line: readonly string[]): Printed => {
  const { view, self } = pod;
  const words = readArguments(line);
  if (words.format !== 'simple' && words.format !== 'json')
    return etcdctlError(`Error: ${words.format} is not simulated\n`, 128);
  if (words.verb === 'endpoint status') return endpointStatus(view, self, words);
  if (words.verb === 'endpoint health') return endpointHealth(view, self, words);
  const asked = endpointsOf(view, self, words.endpoints).map(({ member }) => member);
  // The client uses any endpoint that answers.
  const answering = asked.find((m) => m !== undefined && view.up.has(m.id))?.id;
  const on: MemberRequest = { ...pod, at: { self: answering ?? self, now: pod.now, up: view.up } };
  if (words.verb === 'move-leader') return leaderMove(on, words, asked);
  const act = verbs[words.verb];
  if (act === undefined)
    return etcdctlError(`Error: unknown command "${words.verb}" for "etcdctl"\nRun 'etcdctl --help' for usage.\n`);
  return answering === undefined ? deadline : act(on, words);
};

const verbs: Readonly<Record<string, typeof memberAdd>> = {
  'member list': ({ view, at }, { format }) => memberList(view, at.self, format),
  'member add': memberAdd,
  'member remove': memberRemove,
  'member promote': memberPromote,
  'alarm list': ({ view, at }, { format }) => (view.quorum ? alarmList(view, at.self, format) : deadline),
};
