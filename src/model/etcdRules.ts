import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun, type Remedies } from '../lib/remedy.ts';
import { maxMasters, quorum } from './quorum.ts';

// The arithmetic of invariant 6: which change to etcd's members or to a master's power state is unsafe right now, and
// why.

/** What these rules need to know about an etcd member. */
interface Judged {
  /** Empty until it has started. */
  readonly name: string;
  readonly peerUrl: string;
  readonly started: boolean;
  readonly healthy: boolean;
  readonly learner: boolean;
}

/** The members of etcd and its active alarms. */
interface Membership {
  readonly members: readonly Judged[];
  readonly alarms: readonly string[];
}

/** What identifies a master. */
export interface Known {
  readonly name: string;
  /** Its reserved address, if it already has one. */
  readonly ip?: string | undefined;
}

/** A master's own member: by name or, before it has one, by its peer URL, which follows from its reserved address. */
export const memberOf = <M extends Judged>(member: Known, etcd: { readonly members: readonly M[] }): M | undefined =>
  etcd.members.find(
    (e) => e.name === member.name || (member.ip !== undefined && e.peerUrl === `https://${member.ip}:2380`),
  );

/** Whether a member is not started or not healthy. */
export const isUnhealthy = (e: Judged): boolean => !e.started || !e.healthy;

const named = (members: readonly Judged[]): string => members.map((e) => e.name || e.peerUrl).join(', ');
const refuse = (message: string, remedy: Remedies): OperatorError => new OperatorError('refused', message, { remedy });

const underWay = (others: readonly Judged[]): OperatorError | undefined => {
  const learners = others.filter((e) => e.learner);
  if (learners.length === 0) return undefined;
  return refuse(`Another etcd membership change is in progress: ${named(learners)} is a learner`, [
    toRun('Wait for it, or resume it', command`trizone resume`),
    { text: 'Or remove that master.' },
  ]);
};

/** Why a master cannot be added right now; undefined if it can. */
export const growthRefusal = (etcd: Membership, member: Known): OperatorError | undefined => {
  const own = memberOf(member, etcd);
  const others = etcd.members.filter((e) => e !== own);
  if (others.length + 1 > maxMasters)
    return refuse(
      `A cluster can have at most ${maxMasters} masters, and this one already has ${others.length}`,
      'Three masters tolerate the loss of one, five the loss of two. More masters only slow down every write.',
    );
  const unhealthy = others.filter((e) => isUnhealthy(e));
  if (unhealthy.length > 0)
    return refuse(
      `etcd must be healthy before a member is added: ${named(unhealthy)} is not responding (${others.length - unhealthy.length} of ${others.length} responding, quorum ${quorum(others.length)})`,
      toRun('Start that master, or remove it first', command`trizone master remove NAME`),
    );
  if (etcd.alarms.length > 0)
    return refuse(`etcd has an active alarm: ${etcd.alarms.join(', ')}`, toRun('See', command`trizone validate`));
  return underWay(others);
};

/** Why a master cannot be removed right now (invariant 6), with the arithmetic; undefined if it can. */
export const shrinkRefusal = (etcd: Membership, member: Known): OperatorError | undefined => {
  const own = memberOf(member, etcd);
  const others = etcd.members.filter((e) => e !== own);
  const voters = others.filter((e) => !e.learner);
  if (voters.length === 0)
    return refuse(`${member.name} is the last master`, toRun('Tear the cluster down instead', command`trizone down`));
  const alive = voters.filter((e) => !isUnhealthy(e)).length;
  const counts = own !== undefined && !own.learner;
  const all = voters.length + (counts ? 1 : 0);
  const running = alive + (counts && !isUnhealthy(own) ? 1 : 0);
  const sums = `${running} of ${all} voters responding, quorum ${quorum(all)}; without ${member.name}: ${alive} of ${voters.length}, quorum ${quorum(voters.length)}`;
  if (running < quorum(all))
    return refuse(
      `etcd has lost quorum: ${sums}`,
      'Start the masters that are down. Without quorum, nothing can be changed.',
    );
  if (counts && isUnhealthy(own)) return underWay(others);
  if (alive < voters.length)
    return refuse(
      `Quorum would be at risk: ${named(voters.filter((e) => isUnhealthy(e)))} is not responding (${sums})`,
      'Start that master, or remove it first.',
    );
  return underWay(others);
};

/**
 * Whether a running master's member is unhealthy or missing, asked `through` these masters. If none of them answers
 * (quorum is lost), only a sole master counts as unwell: the silence must then be its own.
 */
export const isUnwell = (etcd: Membership | undefined, through: readonly string[], member: Known): boolean => {
  if (etcd === undefined) return through.every((name) => name === member.name);
  const own = etcd.members.find((x) => x.name === member.name);
  return own === undefined || isUnhealthy(own);
};

/**
 * Why an unhealthy member's instance cannot be reset (invariant 6): the health verdict may be wrong, and then its vote
 * counts.
 */
export const resetRefusal = (etcd: Membership, member: Known): OperatorError | undefined => {
  const voters = etcd.members.filter((e) => !e.learner);
  const others = voters.filter((e) => e.name !== member.name && !isUnhealthy(e)).length;
  if (others >= quorum(voters.length) || !voters.some((e) => e.name === member.name)) return undefined;
  const sums = `${others} of ${voters.length} voters responding without it, quorum ${quorum(voters.length)}`;
  return new OperatorError('refused', `Resetting ${member.name} may stop the API: ${sums}`, {
    remedy: toRun('First start the other masters that are down. See', command`trizone status`),
  });
};

/** Why a master cannot be halted right now (invariant 6), with the arithmetic. */
export const haltRefusal = (etcd: Membership, member: Known): OperatorError | undefined => {
  const voters = etcd.members.filter((e) => !e.learner);
  const answer = voters.filter((e) => e.started && e.healthy);
  const left = answer.filter((e) => e.name !== member.name).length;
  const needed = quorum(voters.length);
  const sums = `${answer.length} of ${voters.length} voters responding; without ${member.name}: ${left}, quorum ${needed}`;
  if (left < needed)
    return new OperatorError('refused', `Halting ${member.name} would stop the API: ${sums}`, {
      remedy: toRun('A drill needs three healthy masters. To get them', command`trizone make-ha`),
    });
  if (answer.length < voters.length || etcd.members.length > voters.length)
    return new OperatorError('refused', `Not while etcd is changing or unhealthy: ${sums}`, {
      remedy: toRun('See', command`trizone validate`),
    });
  return undefined;
};
