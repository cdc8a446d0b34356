import type { ClusterView } from './clusterState.ts';
import type { SimulatedMember } from './etcd.ts';
import { bigint, header, json } from './etcdctlFormats.ts';
import { printed, etcdctlError, type Printed, type EtcdctlArguments } from './etcdctlWords.ts';

/** Size of the simulated database and its quota (etcd's default), in bytes. */
const dbSize = 5_242_880;
const quotaBytes = 2_147_483_648;

/** An endpoint and the member behind it, if any. */
export interface EtcdEndpoint {
  readonly url: string;
  readonly member: SimulatedMember | undefined;
}

const isLocal = (url: string): boolean => /^(https:\/\/)?(127\.0\.0\.1|localhost):2379$/.test(url);

/** The endpoints of a command line; `self` is the member in whose pod it runs. */
export const endpointsOf = (view: ClusterView, self: string, urls: readonly string[]): EtcdEndpoint[] =>
  urls.map((url) => ({
    url,
    member: view.etcd.members.find((m) => m.clientUrl === url || (isLocal(url) && m.id === self)),
  }));

const noMembers = etcdctlError(
  'Error: failed to fetch endpoints from etcd cluster member list: context deadline exceeded\n',
);

// --cluster fetches the member list first, which needs a majority.
const askedOf = (view: ClusterView, self: string, words: EtcdctlArguments): EtcdEndpoint[] | undefined => {
  if (!words.cluster) return endpointsOf(view, self, words.endpoints);
  const urls = view.etcd.members.map((m) => m.clientUrl).filter((url) => url !== '');
  return view.quorum ? endpointsOf(view, self, urls) : undefined;
};

/** `endpoint status`: each member answers for itself, with or without a majority. */
export const endpointStatus = (view: ClusterView, self: string, words: EtcdctlArguments): Printed => {
  const asked = askedOf(view, self, words);
  if (asked === undefined) return noMembers;
  const alive = asked.flatMap(({ url, member }) =>
    member !== undefined && view.up.has(member.id) ? [{ url, member }] : [],
  );
  const lost = asked.filter(({ url }) => !alive.some((a) => a.url === url));
  const stdout =
    words.format === 'json'
      ? json(alive.map((a) => statusJson(view, a.url, a.member)))
      : alive.map((a) => statusLine(view, a.url, a.member)).join('');
  const stderr = lost
    .map(({ url }) => `Failed to get the status of endpoint ${url} (context deadline exceeded)\n`)
    .join('');
  return { stdout, stderr, code: lost.length === 0 ? 0 : 1 };
};

/** `endpoint health`: a linearizable read at each endpoint. */
export const endpointHealth = (view: ClusterView, self: string, words: EtcdctlArguments): Printed => {
  const asked = askedOf(view, self, words);
  if (asked === undefined) return noMembers;
  const found = asked.map(({ url, member }) => ({ url, error: illness(view, member) }));
  const failed = found.some(({ error }) => error !== '');
  const stderr = failed ? 'Error: unhealthy cluster\n' : '';
  if (words.format === 'json') {
    const list = found.map(({ url, error }) => ({
      endpoint: url,
      health: error === '',
      took: error === '' ? '3.2ms' : '5s',
      ...(error === '' ? {} : { error }),
    }));
    return { stdout: json(list), stderr, code: failed ? 1 : 0 };
  }
  const well = found.filter(({ error }) => error === '');
  const ill = found.filter(({ error }) => error !== '');
  return {
    stdout: well.map(({ url }) => `${url} is healthy: successfully committed proposal: took = 3.2ms\n`).join(''),
    stderr: ill.map((e) => `${e.url} is unhealthy: failed to commit proposal: ${e.error}\n`).join('') + stderr,
    code: failed ? 1 : 0,
  };
};

const illness = (view: ClusterView, member: SimulatedMember | undefined): string => {
  if (member === undefined || !view.up.has(member.id) || !view.quorum) return 'context deadline exceeded';
  return member.learner ? 'etcdserver: rpc not supported for learner' : '';
};

/** `alarm list`: always empty here. */
export const alarmList = (view: ClusterView, self: string, format: string): Printed =>
  printed(format === 'json' ? json({ header: header(view, self) }) : '');

// endpoint, ID, version, storage version, size, in use, not in use,
// quota, leader, learner, term, index, applied, errors, downgrade
const statusLine = (view: ClusterView, url: string, member: SimulatedMember): string => {
  const { etcd, data } = view;
  const cells = [url, member.id, data.versions.etcd, storageVersion(view), '5.2 MB', '3.1 MB', '40%', '2.1 GB'];
  const leads = view.quorum && member.id === etcd.leader;
  const errors = view.quorum ? '' : 'etcdserver: no leader';
  const raft = [leads, member.learner, etcd.term, etcd.index, etcd.index, errors, '', false];
  return `${[...cells, ...raft].join(', ')}\n`;
};

const storageVersion = ({ data }: ClusterView): string => `${data.versions.etcd.split('.').slice(0, 2).join('.')}.0`;

const statusJson = (view: ClusterView, url: string, member: SimulatedMember): object => ({
  Endpoint: url,
  Status: {
    header: header(view, member.id),
    version: view.data.versions.etcd,
    dbSize,
    ...(view.quorum ? { leader: bigint(view.etcd.leader) } : {}),
    raftIndex: view.etcd.index,
    raftTerm: view.etcd.term,
    raftAppliedIndex: view.etcd.index,
    ...(view.quorum ? {} : { errors: ['etcdserver: no leader'] }),
    dbSizeInUse: 3_145_728,
    ...(member.learner ? { isLearner: true } : {}),
    storageVersion: storageVersion(view),
    dbSizeQuota: quotaBytes,
    downgradeInfo: {},
  },
});
