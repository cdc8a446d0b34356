import { quorum } from '../../model/quorum.ts';
import { OperatorError } from '../../lib/operatorError.ts';

/** One member of a simulated etcd; ids are 16 hex digits. An unstarted member has no name yet, as in etcd. */
export interface SimulatedMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly learner: boolean;
}

/** What the members agree on. `index` grows with every write and tells which copy is the newest. */
export interface SimulatedEtcd {
  readonly clusterId: string;
  readonly members: readonly SimulatedMember[];
  readonly leader: string;
  readonly term: number;
  readonly index: number;
  /** How far the leader knows each member to be; it forgets those that do not run when it changes (raft's progress). */
  readonly heard: Readonly<Record<string, number>>;
  /** Members that ran at the last write, and since when: a leader that lost its majority in between is elected again. */
  readonly seen: Readonly<Record<string, number>>;
}

/** Members that run. */
export interface RunningMembers {
  has(id: string): boolean;
}

/** From where a request is judged: the member that was asked, cluster time, and since when each running member is up. */
export interface Standpoint {
  readonly self: string;
  readonly now: number;
  readonly up: ReadonlyMap<string, number>;
}

/** Milliseconds that a connection must have lasted to count as healthy (etcd's constant HealthInterval). */
export const healthMs = 5_000;

// A learner may be promoted when it has this share of the leader's log (etcd's readyPercentThreshold).
const readyShare = 0.9;

/** A new etcd with one voter, which leads. */
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

/** Whether the members that run can elect and write: more than half of the voters. */
export const hasQuorum = (etcd: SimulatedEtcd, running: RunningMembers): boolean => {
  const voters = votersOf(etcd);
  return voters.filter((m) => running.has(m.id)).length >= quorum(voters.length);
};

/** The leader among those that run: who led stays while it keeps a majority; otherwise a voter is elected in a new term. */
export const elect = (etcd: SimulatedEtcd, up: ReadonlyMap<string, number>): SimulatedEtcd => {
  const voters = votersOf(etcd);
  const steady = voters.filter((m) => up.has(m.id) && up.get(m.id) === etcd.seen[m.id]);
  const candidates = voters.filter((m) => up.has(m.id));
  const isLed = steady.some((m) => m.id === etcd.leader) && steady.length >= quorum(voters.length);
  const next = candidates.find((m) => m.id === etcd.leader) ?? candidates[0];
  return isLed || next === undefined ? etcd : led(etcd, up, next.id);
};

/** The outcome of an election: a new term, and what the old leader knew of silent learners is forgotten. */
export const led = (etcd: SimulatedEtcd, running: RunningMembers, leader: string): SimulatedEtcd => ({
  ...etcd,
  leader,
  term: etcd.term + 1,
  heard: Object.fromEntries(Object.entries(etcd.heard).filter(([id]) => running.has(id))),
});

/** The log one entry longer; members that run hear of it. */
export const appended = (etcd: SimulatedEtcd, running: ReadonlyMap<string, number>): SimulatedEtcd => {
  const index = etcd.index + 1;
  const heard = etcd.members.map((m): [string, number] => [m.id, running.has(m.id) ? index : (etcd.heard[m.id] ?? 0)]);
  return { ...etcd, index, heard: Object.fromEntries(heard), seen: Object.fromEntries(running) };
};

/** A member that has started makes its name known. */
export const published = (etcd: SimulatedEtcd, id: string, name: string, clientUrl: string): SimulatedEtcd => ({
  ...etcd,
  members: etcd.members.map((m) => (m.id === id ? { ...m, name, clientUrl } : m)),
});

const refused = (message: string): OperatorError => new OperatorError('conflict', message, { retry: 'soon' });

/** What etcd answers, or its client after its own patience, when a majority is missing. */
export const timedOut = (): OperatorError =>
  new OperatorError('unavailable', 'etcdserver: request timed out', { retry: 'soon' });

const notEnoughStarted = 'etcdserver: re-configuration failed due to not enough started members';
const unhealthy = 'etcdserver: unhealthy cluster';
const notFound = 'etcdserver: member not found';

// A connection is as old as the younger of its ends.
const isConnected = ({ self, now, up }: Standpoint, id: string): boolean => {
  if (id === self) return true;
  return up.has(id) && Math.max(up.get(id) ?? 0, up.get(self) ?? 0) < now - healthMs;
};

const startedOf = (members: readonly SimulatedMember[]): number => members.filter((m) => m.name !== '').length;

/** Adds a member that has yet to start: a learner (one at a time), or at once a voter. */
export const addMember = (etcd: SimulatedEtcd, at: Standpoint, member: SimulatedMember): SimulatedEtcd => {
  const voters = votersOf(etcd);
  // One voter may always get a second one: so a single survivor is enlarged again.
  const lone = voters.length === 1 && startedOf(voters) === 1;
  if (!member.learner && !lone && startedOf(voters) < quorum(voters.length + 1)) throw refused(notEnoughStarted);
  // Since etcd 3.7 not all voters must be connected: a majority of the enlarged cluster is enough, the new member not counted.
  const connected = voters.filter((m) => isConnected(at, m.id)).length;
  if (voters.length > 1 && connected < quorum(voters.length + 1)) throw refused(unhealthy);
  if (!hasQuorum(etcd, at.up)) throw timedOut();
  if (etcd.members.some((m) => m.peerUrl === member.peerUrl)) throw refused('etcdserver: Peer URLs already exists');
  if (member.learner && etcd.members.some((m) => m.learner))
    throw refused('etcdserver: too many learner members in cluster');
  return { ...etcd, members: [...etcd.members, member] };
};

/** Makes a learner a voter; it must have most of the leader's log. That it runs at this moment is not asked. */
export const promote = (etcd: SimulatedEtcd, at: Standpoint, id: string): SimulatedEtcd => {
  if (!hasQuorum(etcd, at.up)) throw timedOut();
  const member = etcd.members.find((m) => m.id === id);
  if (member === undefined) throw refused(notFound);
  // Asked of a voter too, before that it is none. Who runs has caught up by the leader's heartbeats, also when nothing is written.
  const heard = at.up.has(id) ? etcd.index : (etcd.heard[id] ?? 0);
  if (heard / etcd.index < readyShare)
    throw refused('etcdserver: can only promote a learner member which is in sync with leader');
  if (!member.learner) throw refused('etcdserver: can only promote a learner member');
  const voters = votersOf(etcd);
  if (startedOf(voters) + 1 < quorum(voters.length + 1)) throw refused(notEnoughStarted);
  return { ...etcd, members: etcd.members.map((m) => (m.id === id ? { ...m, learner: false } : m)) };
};

/** Takes a member out, unless the rest could not reach quorum (etcd's strict reconfiguration check). */
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
  // One that does not run is no part of the active quorum.
  if (id !== at.self && !at.up.has(id)) return;
  const active = voters.filter((m) => isConnected(at, m.id)).length;
  if (active - 1 < 1 + Math.floor((voters.length - 1) / 2)) throw refused(unhealthy);
};

/** Hands leadership over; only the leader itself does it, and only to a voter. */
export const moveLeader = (etcd: SimulatedEtcd, at: Standpoint, to: string): SimulatedEtcd => {
  // Without a majority nobody leads.
  if (at.self !== etcd.leader || !hasQuorum(etcd, at.up)) throw refused('etcdserver: not leader');
  const member = etcd.members.find((m) => m.id === to);
  if (member === undefined || member.learner) throw refused('etcdserver: bad leader transferee');
  if (to === etcd.leader) return etcd;
  if (!at.up.has(to)) throw refused('etcdserver: request timed out, leader transfer took too long');
  return led(etcd, at.up, to);
};
