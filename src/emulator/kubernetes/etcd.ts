import { quorum } from '../../model/quorum.ts';
import { OperatorError } from '../../lib/operatorError.ts';

/** One member of a simulated etcd; IDs are 16 hex digits. An unstarted member has no name yet, as in etcd. */
export interface SimulatedMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly learner: boolean;
}

/** State that the members agree on. `index` grows with every write and identifies the newest copy. */
export interface SimulatedEtcd {
  readonly clusterId: string;
  readonly members: readonly SimulatedMember[];
  readonly leader: string;
  readonly term: number;
  readonly index: number;
  /**
   * Each member's log index as known to the leader; a new leader
   * drops those of members that do not run (raft's progress).
   */
  readonly heard: Readonly<Record<string, number>>;
  /**
   * Start time of each member that ran at the last write: a leader
   * that lost its majority in between must be elected again.
   */
  readonly seen: Readonly<Record<string, number>>;
}

/** The running members. */
export interface RunningMembers {
  has(id: string): boolean;
}

/** Viewpoint of a request: the member that was asked, cluster time, and the start time of each running member. */
export interface Standpoint {
  readonly self: string;
  readonly now: number;
  readonly up: ReadonlyMap<string, number>;
}

/** Milliseconds that a connection must have lasted to count as healthy (etcd's constant HealthInterval). */
export const healthMs = 5_000;

// A learner can be promoted once it has this share of the leader's log (etcd's readyPercentThreshold).
const readyShare = 0.9;

/** A new etcd with one voter, the leader. */
export const newEtcd = (clusterId: string, first: SimulatedMember): SimulatedEtcd => ({
  clusterId,
  members: [first],
  leader: first.id,
  term: 1,
  index: 1,
  heard: {},
  seen: {},
});

const votersOf = (etcd: SimulatedEtcd): SimulatedMember[] => etcd.members.filter((m) => !m.learner);

/** Whether the running members can elect and write: more than half of the voters. */
export const hasQuorum = (etcd: SimulatedEtcd, running: RunningMembers): boolean => {
  const voters = votersOf(etcd);
  return voters.filter((m) => running.has(m.id)).length >= quorum(voters.length);
};

/** Elects a running leader: the current one stays while it keeps a majority; otherwise a voter is elected in a new term. */
export const elect = (etcd: SimulatedEtcd, up: ReadonlyMap<string, number>): SimulatedEtcd => {
  const voters = votersOf(etcd);
  const steady = voters.filter((m) => up.has(m.id) && up.get(m.id) === etcd.seen[m.id]);
  const candidates = voters.filter((m) => up.has(m.id));
  const isLed = steady.some((m) => m.id === etcd.leader) && steady.length >= quorum(voters.length);
  const next = candidates.find((m) => m.id === etcd.leader) ?? candidates[0];
  return isLed || next === undefined ? etcd : led(etcd, up, next.id);
};

/** The outcome of an election: a new term, without the old leader's progress of silent learners. */
export const led = (etcd: SimulatedEtcd, running: RunningMembers, leader: string): SimulatedEtcd => ({
  ...etcd,
  leader,
  term: etcd.term + 1,
  heard: Object.fromEntries(Object.entries(etcd.heard).filter(([id]) => running.has(id))),
});

/** Appends one log entry; running members receive it. */
export const appended = (etcd: SimulatedEtcd, running: ReadonlyMap<string, number>): SimulatedEtcd => {
  const index = etcd.index + 1;
  const heard = etcd.members.map((m): [string, number] => [m.id, running.has(m.id) ? index : (etcd.heard[m.id] ?? 0)]);
  return { ...etcd, index, heard: Object.fromEntries(heard), seen: Object.fromEntries(running) };
};

/** A started member publishes its name. */
export const published = (etcd: SimulatedEtcd, id: string, name: string, clientUrl: string): SimulatedEtcd => ({
  ...etcd,
  members: etcd.members.map((m) => (m.id === id ? { ...m, name, clientUrl } : m)),
});

const refused = (message: string): OperatorError => new OperatorError('conflict', message, { retry: 'soon' });

/** The error of etcd, or of its client after its own timeout, without a majority. */
export const timedOut = (): OperatorError =>
  new OperatorError('unavailable', 'etcdserver: request timed out', { retry: 'soon' });

const notEnoughStarted = 'etcdserver: re-configuration failed due to not enough started members';
const unhealthy = 'etcdserver: unhealthy cluster';
const notFound = 'etcdserver: member not found';

// A connection is as old as the younger of its two ends.
const isConnected = ({ self, now, up }: Standpoint, id: string): boolean => {
  if (id === self) return true;
  return up.has(id) && Math.max(up.get(id) ?? 0, up.get(self) ?? 0) < now - healthMs;
};

const startedOf = (members: readonly SimulatedMember[]): number => members.filter((m) => m.name !== '').length;

/** Adds an unstarted member: a learner (one at a time) or directly a voter. */
export const addMember = (etcd: SimulatedEtcd, at: Standpoint, member: SimulatedMember): SimulatedEtcd => {
  const voters = votersOf(etcd);
  // A single voter may always get a second one, so that a lone survivor can grow again.
  const lone = voters.length === 1 && startedOf(voters) === 1;
  if (!member.learner && !lone && startedOf(voters) < quorum(voters.length + 1)) throw refused(notEnoughStarted);
  // Since etcd 3.7 not all voters must be connected: a majority of the
  // enlarged cluster is enough, not counting the new member.
  const connected = voters.filter((m) => isConnected(at, m.id)).length;
  if (voters.length > 1 && connected < quorum(voters.length + 1)) throw refused(unhealthy);
  if (!hasQuorum(etcd, at.up)) throw timedOut();
  if (etcd.members.some((m) => m.peerUrl === member.peerUrl)) throw refused('etcdserver: Peer URLs already exists');
  if (member.learner && etcd.members.some((m) => m.learner))
    throw refused('etcdserver: too many learner members in cluster');
  return { ...etcd, members: [...etcd.members, member] };
};

/** Promotes a learner to voter; it must have most of the leader's log. Whether it runs now is not checked. */
export const promote = (etcd: SimulatedEtcd, at: Standpoint, id: string): SimulatedEtcd => {
  if (!hasQuorum(etcd, at.up)) throw timedOut();
  const member = etcd.members.find((m) => m.id === id);
  if (member === undefined) throw refused(notFound);
  // Checked for a voter too, before the check that it is a learner. A running
  // member has caught up through the leader's heartbeats, even without writes.
  const heard = at.up.has(id) ? etcd.index : (etcd.heard[id] ?? 0);
  if (heard / etcd.index < readyShare)
    throw refused('etcdserver: can only promote a learner member which is in sync with leader');
  if (!member.learner) throw refused('etcdserver: can only promote a learner member');
  const voters = votersOf(etcd);
  if (startedOf(voters) + 1 < quorum(voters.length + 1)) throw refused(notEnoughStarted);
  return { ...etcd, members: etcd.members.map((m) => (m.id === id ? { ...m, learner: false } : m)) };
};

/** Removes a member, unless the rest could not reach quorum (etcd's strict reconfiguration check). */
export const dropMember = (etcd: SimulatedEtcd, at: Standpoint, id: string): SimulatedEtcd => {
  const member = etcd.members.find((m) => m.id === id);
  if (member?.learner !== true) mayRemoveVoter(etcd, at, id);
  if (!hasQuorum(etcd, at.up)) throw timedOut();
  if (member === undefined) throw refused(notFound);
  return elect({ ...etcd, members: etcd.members.filter((m) => m.id !== id) }, at.up);
};

const mayRemoveVoter = (etcd: SimulatedEtcd, at: Standpoint, id: string): void => {
  const voters = votersOf(etcd);
  const rest = voters.filter((m) => m.id !== id);
  if (startedOf(rest) < quorum(rest.length)) throw refused(notEnoughStarted);
  // A member that does not run is not part of the active quorum.
  if (id !== at.self && !at.up.has(id)) return;
  const active = voters.filter((m) => isConnected(at, m.id)).length;
  if (active - 1 < 1 + Math.floor((voters.length - 1) / 2)) throw refused(unhealthy);
};

/** Transfers leadership; only the leader itself does it, and only to a voter. */
export const moveLeader = (etcd: SimulatedEtcd, at: Standpoint, to: string): SimulatedEtcd => {
  // Without a majority there is no leader.
  if (at.self !== etcd.leader || !hasQuorum(etcd, at.up)) throw refused('etcdserver: not leader');
  const member = etcd.members.find((m) => m.id === to);
  if (member === undefined || member.learner) throw refused('etcdserver: bad leader transferee');
  if (to === etcd.leader) return etcd;
  if (!at.up.has(to)) throw refused('etcdserver: request timed out, leader transfer took too long');
  return led(etcd, at.up, to);
};
