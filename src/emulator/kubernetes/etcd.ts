import { quorum } from '../../model/quorum.ts';
import { OperatorError } from '../../lib/operatorError.ts';

/** One member of a simulated etcd; ids are 16 hex digits. An unstarted member has no name yet, as in etcd. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly learner: boolean;
}

/** What the members agree on. `index` grows with every write and tells which copy is the newest. */
export interface Etcd {
  readonly clusterId: string;
  readonly members: readonly Member[];
  readonly leader: string;
  readonly term: number;
  readonly index: number;
}

/** A new etcd with one voter, which leads. */
export const newEtcd = (clusterId: string, first: Member): Etcd => ({
  clusterId,
  members: [first],
  leader: first.id,
  term: 2,
  index: 1,
});

/** Whether the members that run can elect and write: more than half of the voters. */
export const hasQuorum = (etcd: Etcd, running: ReadonlySet<string>): boolean => {
  const voters = etcd.members.filter((m) => !m.learner);
  return voters.filter((m) => running.has(m.id)).length >= quorum(voters.length);
};

/** The leader among those that run: who led stays; otherwise the first voter is elected in a new term. */
export const elect = (etcd: Etcd, running: ReadonlySet<string>): Etcd => {
  const candidates = etcd.members.filter((m) => !m.learner && running.has(m.id));
  if (candidates.some((m) => m.id === etcd.leader) || candidates[0] === undefined) return etcd;
  return { ...etcd, leader: candidates[0].id, term: etcd.term + 1 };
};

const refused = (message: string): OperatorError => new OperatorError('conflict', message, { retry: 'soon' });

/** Adds a learner: it does not count for quorum. etcd allows one at a time and wants every started member healthy. */
export const addLearner = (etcd: Etcd, running: ReadonlySet<string>, member: Member): Etcd => {
  if (etcd.members.some((m) => m.learner)) throw refused('etcdserver: too many learner members in cluster');
  if (etcd.members.some((m) => m.peerUrl === member.peerUrl)) throw refused('etcdserver: Peer URLs already exists');
  if (etcd.members.some((m) => !running.has(m.id))) throw refused('etcdserver: unhealthy cluster');
  return { ...etcd, members: [...etcd.members, { ...member, learner: true }] };
};

/** Makes a learner a voter; it must run, so that it can be in sync. */
export const promote = (etcd: Etcd, running: ReadonlySet<string>, id: string): Etcd => {
  if (!running.has(id)) throw refused('etcdserver: can only promote a learner member which is in sync with leader');
  return { ...etcd, members: etcd.members.map((m) => (m.id === id ? { ...m, learner: false } : m)) };
};

/** Takes a member out, unless the rest that runs could not reach quorum (etcd's strict reconfiguration check). */
export const removeMember = (etcd: Etcd, running: ReadonlySet<string>, id: string): Etcd => {
  const rest = { ...etcd, members: etcd.members.filter((m) => m.id !== id) };
  if (rest.members.length === etcd.members.length) throw refused('etcdserver: member not found');
  if (rest.members.every((m) => m.learner) || !hasQuorum(rest, running)) throw refused('etcdserver: unhealthy cluster');
  return elect(rest, running);
};
