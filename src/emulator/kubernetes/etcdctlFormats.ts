import type { ClusterView } from './clusterState.ts';
import type { SimulatedMember } from './etcd.ts';

/** Header of every JSON answer; membership answers omit the revision. */
export const header = ({ etcd }: ClusterView, member: string, revision = true): object => ({
  cluster_id: bigint(etcd.clusterId),
  member_id: bigint(member),
  ...(revision ? { revision: etcd.index } : {}),
  raft_term: etcd.term,
});

/** A member in JSON. */
export const memberJson = (member: SimulatedMember): object => ({
  ID: bigint(member.id),
  ...(member.name === '' ? {} : { name: member.name }),
  peerURLs: [member.peerUrl],
  ...(member.clientUrl === '' ? {} : { clientURLs: [member.clientUrl] }),
  ...(member.learner ? { isLearner: true } : {}),
});

/** An ID as `json` writes it: an unsigned 64-bit number, too large for JavaScript's numbers. */
export const bigint = (hex: string): string => `#${BigInt(`0x${hex}`)}`;

/** One line of JSON with such numbers. */
export const json = (value: unknown): string => `${JSON.stringify(value).replace(/"#(\d+)"/g, '$1')}\n`;
