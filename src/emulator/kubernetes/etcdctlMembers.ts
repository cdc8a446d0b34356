import { randomText, type Ids } from '../../lib/ids.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import type { ClusterView } from './clusterState.ts';
import {
  addMember,
  moveLeader,
  promote,
  dropMember,
  type SimulatedEtcd,
  type SimulatedMember,
  type Standpoint,
} from './etcd.ts';
import { header, json, memberJson } from './etcdctlFormats.ts';
import { deadline, printed, etcdctlError, rpcRefused, type Printed, type EtcdctlArguments } from './etcdctlWords.ts';

/** Context of the mutating commands: the member that is asked, and how to write. */
export interface MemberRequest {
  readonly view: ClusterView;
  readonly at: Standpoint;
  readonly ids: Ids;
  /** Stores the changed membership; false without a majority. */
  readonly write: (etcd: SimulatedEtcd) => boolean;
}

const badArgs = (message: string): Printed => etcdctlError(`Error: ${message}\n`, 128);

/** A new member ID. Never a leading zero: etcd prints IDs without them. */
export const newMemberId = (ids: Ids): string =>
  `${randomText(ids, 1, '123456789abcdef')}${randomText(ids, 15, '0123456789abcdef')}`;

// etcd lists its members by ID.
const byMemberId = (members: readonly SimulatedMember[]): SimulatedMember[] =>
  [...members].sort((a, b) => (a.id < b.id ? -1 : 1));

/** `member list`. */
export const memberList = (view: ClusterView, self: string, format: string): Printed => {
  const members = byMemberId(view.etcd.members);
  if (!view.quorum) return deadline;
  if (format === 'json') return printed(json({ header: header(view, self, false), members: members.map(memberJson) }));
  const state = (m: SimulatedMember): string => (m.name === '' ? 'unstarted' : 'started');
  const line = (member: SimulatedMember): string =>
    `${member.id}, ${state(member)}, ${member.name}, ${member.peerUrl}, ${member.clientUrl}, ${String(member.learner)}\n`;
  return printed(members.map(line).join(''));
};

/** `member add NAME --peer-urls=… [--learner]`. */
export const memberAdd = (on: MemberRequest, words: EtcdctlArguments): Printed => {
  const [name, ...more] = words.args;
  if (name === undefined) return badArgs('member name not provided');
  if (more.length > 0) return badArgs('too many arguments');
  if (words.peerUrls === '') return badArgs('member peer urls not provided');
  const id = newMemberId(on.ids);
  const member: SimulatedMember = { id, name: '', peerUrl: words.peerUrls, clientUrl: '', learner: words.learner };
  return changed(on, words, member, (etcd) => addMember(etcd, on.at, member), [
    `Member ${id} added ${words.learner ? 'as learner ' : ''}to cluster ${on.view.etcd.clusterId}\n\n`,
    `ETCD_NAME="${name}"\n`,
    `ETCD_INITIAL_CLUSTER="${byMemberId([...on.view.etcd.members, { ...member, name }])
      .map((m) => `${m.name}=${m.peerUrl}`)
      .join(',')}"\n`,
    `ETCD_INITIAL_ADVERTISE_PEER_URLS="${words.peerUrls}"\nETCD_INITIAL_CLUSTER_STATE="existing"\n`,
  ]);
};

/** `member remove ID`. */
export const memberRemove = (on: MemberRequest, words: EtcdctlArguments): Printed =>
  byId(on, words, 'removed from', (etcd, id) => dropMember(etcd, on.at, id));

/** `member promote ID`. */
export const memberPromote = (on: MemberRequest, words: EtcdctlArguments): Printed =>
  byId(on, words, 'promoted in', (etcd, id) => promote(etcd, on.at, id));

const byId = (
  on: MemberRequest,
  words: EtcdctlArguments,
  done: string,
  change: (etcd: SimulatedEtcd, id: string) => SimulatedEtcd,
): Printed => {
  const [given, ...more] = words.args;
  if (given === undefined || more.length > 0) return badArgs('member ID is not provided');
  const id = hexId(given);
  if (id === undefined)
    return badArgs(
      `bad member ID arg (strconv.ParseUint: parsing ${JSON.stringify(given)}: invalid syntax), expecting ID in Hex`,
    );
  return changed(on, words, undefined, (etcd) => change(etcd, id), [
    `Member ${id.padStart(16)} ${done} cluster ${on.view.etcd.clusterId}\n`,
  ]);
};

/** `move-leader ID`: the leader's endpoint must be among the given ones. */
export const leaderMove = (
  on: MemberRequest,
  words: EtcdctlArguments,
  asked: readonly (SimulatedMember | undefined)[],
): Printed => {
  const [given, ...more] = words.args;
  if (given === undefined || more.length > 0) return badArgs('move-leader command needs 1 argument');
  const id = hexId(given);
  if (id === undefined) return badArgs(`strconv.ParseUint: parsing ${JSON.stringify(given)}: invalid syntax`);
  const { view, at } = on;
  for (const member of asked) {
    if (member === undefined || !view.up.has(member.id)) return deadline;
    if (!view.quorum || member.id !== view.etcd.leader) continue;
    const text = `Leadership transferred from ${member.id} to ${id}\n`;
    return changed(on, words, undefined, (etcd) => moveLeader(etcd, { ...at, self: member.id }, id), [text]);
  }
  return badArgs(`no leader endpoint given at [${words.endpoints.join(' ')}]`);
};

// gRPC code of each refusal (etcd's rpctypes).
const codeOf = (message: string): string => {
  if (message.endsWith('unhealthy cluster')) return 'Unavailable';
  return message.endsWith('not found') ? 'NotFound' : 'FailedPrecondition';
};

const hexId = (text: string): string | undefined =>
  /^[0-9a-fA-F]{1,16}$/.test(text) ? text.toLowerCase().replace(/^0+(?=.)/, '') : undefined;

const changed = (
  { view, at, write }: MemberRequest,
  words: EtcdctlArguments,
  member: SimulatedMember | undefined,
  change: (etcd: SimulatedEtcd) => SimulatedEtcd,
  texts: readonly string[],
): Printed => {
  try {
    const etcd = change(view.etcd);
    if (!write(etcd)) return deadline;
    if (words.format === 'simple') return printed(texts.join(''));
    const own = member === undefined ? {} : { member: memberJson(member) };
    return printed(
      json({ header: header(view, at.self, false), ...own, members: byMemberId(etcd.members).map(memberJson) }),
    );
  } catch (error) {
    if (OperatorError.is(error, 'unavailable')) return deadline;
    if (OperatorError.is(error, 'conflict')) return rpcRefused(codeOf(error.message), error.message);
    throw error;
  }
};
