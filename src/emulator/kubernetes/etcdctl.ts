import type { ClusterView } from './clusterState.ts';
import type { Member } from './etcd.ts';

/** What a command printed and how it ended. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

const printed = (stdout: string): Printed => ({ stdout, stderr: '', code: 0 });
const refused = (stderr: string, code = 1): Printed => ({ stdout: '', stderr, code });

/** Size of the simulated database and its quota (etcd's default); in bytes. */
const dbSize = 5_242_880;
const quotaBytes = 2_147_483_648;

interface Words {
  readonly verb: string;
  readonly format: string;
  readonly cluster: boolean;
  readonly endpoints: readonly string[];
}

/** `etcdctl` in the static pod of one master: the reading commands in the formats of etcdctl 3.6 and later. */
export const etcdctl = (view: ClusterView, self: string, args: readonly string[]): Printed => {
  const words = parse(args);
  if (words.format !== 'simple' && words.format !== 'json')
    return refused(`Error: ${words.format} is not simulated\n`, 128);
  if (words.verb === 'member list') return view.quorum ? printed(memberList(view, words.format)) : noQuorum;
  if (words.verb === 'alarm list')
    return view.quorum ? printed(words.format === 'json' ? `${json({ header: header(view, self) })}\n` : '') : noQuorum;
  if (words.verb === 'endpoint status') return endpointStatus(view, self, words);
  return refused(`Error: unknown command "${words.verb}" for "etcdctl"\n`);
};

const noQuorum = refused(
  '{"level":"warn","msg":"retrying of unary invoker failed","error":"rpc error: code = DeadlineExceeded desc = context deadline exceeded"}\nError: context deadline exceeded\n',
);

const parse = (args: readonly string[]): Words => {
  const flag = (...names: string[]): string | undefined => {
    for (const [i, arg] of args.entries()) {
      if (names.includes(arg)) return args[i + 1];
      const name = names.find((n) => arg.startsWith(`${n}=`));
      if (name !== undefined) return arg.slice(name.length + 1);
    }
    return undefined;
  };
  const takesValue = /^(--(endpoints|cacert|cert|key|write-out|command-timeout|dial-timeout)|-w)$/;
  const bare = args.filter((arg, i) => !arg.startsWith('-') && !takesValue.test(args[i - 1] ?? ''));
  return {
    verb: bare.join(' '),
    format: flag('-w', '--write-out') ?? 'simple',
    cluster: args.includes('--cluster') || args.includes('--cluster=true'),
    endpoints: (flag('--endpoints') ?? 'https://127.0.0.1:2379').split(','),
  };
};

const memberList = (view: ClusterView, format: string): string => {
  const { members } = view.etcd;
  if (format === 'json') {
    const list = members.map((m) => ({
      ID: bigint(m.id),
      name: m.name,
      peerURLs: [m.peerUrl],
      clientURLs: [m.clientUrl],
      ...(m.learner ? { isLearner: true } : {}),
    }));
    return `${json({ header: header(view, view.etcd.leader), members: list })}\n`;
  }
  const state = (m: Member): string => (m.name === '' ? 'unstarted' : 'started');
  return members.map((m) => `${m.id}, ${state(m)}, ${m.name}, ${m.peerUrl}, ${m.clientUrl}, ${m.learner}\n`).join('');
};

const endpointStatus = (view: ClusterView, self: string, words: Words): Printed => {
  const { members } = view.etcd;
  if (words.cluster && !view.quorum) return noQuorum;
  const asked = words.cluster ? members.map((m) => m.clientUrl) : words.endpoints;
  const found = asked.map((url) => ({
    url,
    member: members.find((m) => m.clientUrl === url || (isLocal(url) && m.id === self)),
  }));
  const alive = found.flatMap(({ url, member }) =>
    member !== undefined && view.running.has(member.id) ? [{ url, member }] : [],
  );
  const lost = found.filter(({ url }) => !alive.some((a) => a.url === url));
  const stdout =
    words.format === 'json'
      ? `${json(alive.map((a) => statusJson(view, a.url, a.member)))}\n`
      : alive.map((a) => statusLine(view, a.url, a.member)).join('');
  const stderr = lost
    .map(({ url }) => `Failed to get the status of endpoint ${url} (context deadline exceeded)\n`)
    .join('');
  return { stdout, stderr, code: lost.length === 0 ? 0 : 1 };
};

const isLocal = (url: string): boolean => /^(https:\/\/)?(127\.0\.0\.1|localhost):2379$/.test(url);

// endpoint, id, version, storage version, size, in use, not in use, quota, leader, learner, term, index, applied, errors, downgrade
const statusLine = ({ etcd, data }: ClusterView, url: string, m: Member): string => {
  const minor = `${data.versions.etcd.split('.').slice(0, 2).join('.')}.0`;
  const cells = [url, m.id, data.versions.etcd, minor, '5.2 MB', '3.1 MB', '41%', '2.1 GB'];
  const raft = [m.id === etcd.leader, m.learner, etcd.term, etcd.index, etcd.index, '', '', false];
  return `${[...cells, ...raft].join(', ')}\n`;
};

const statusJson = (view: ClusterView, url: string, m: Member): object => ({
  Endpoint: url,
  Status: {
    header: header(view, m.id),
    version: view.data.versions.etcd,
    dbSize,
    leader: bigint(view.etcd.leader),
    raftIndex: view.etcd.index,
    raftTerm: view.etcd.term,
    raftAppliedIndex: view.etcd.index,
    dbSizeInUse: 3_145_728,
    ...(m.learner ? { isLearner: true } : {}),
    storageVersion: `${view.data.versions.etcd.split('.').slice(0, 2).join('.')}.0`,
    dbSizeQuota: quotaBytes,
    downgradeInfo: {},
  },
});

const header = ({ etcd }: ClusterView, member: string): object => ({
  cluster_id: bigint(etcd.clusterId),
  member_id: bigint(member),
  revision: etcd.index,
  raft_term: etcd.term,
});

// Ids are unsigned 64-bit numbers in etcd's JSON: more than JavaScript's numbers hold.
const bigint = (hex: string): string => `#${BigInt(`0x${hex}`)}`;
const json = (value: unknown): string => JSON.stringify(value).replace(/"#(\d+)"/g, '$1');
