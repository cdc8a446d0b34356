import { message } from '../lib/message.ts';
import type { EtcdMember, EtcdState } from '../kube/kubernetes.ts';
import type { Clock } from '../lib/clock.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { growthRefusal, shrinkRefusal, isUnhealthy, memberOf, type Known } from '../model/etcdRules.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Names } from '../model/names.ts';
import { apiOf, ifAnswers } from './kubernetesApi.ts';
import type { Master } from './master.ts';
import { guard } from './preflight.ts';
import { quorumLost } from './quorumLost.ts';
import { knownAll, type After, type CloudStep, type Reads } from './world.ts';

/**
 * After a change of leader or membership, etcd needs 5 s without another before it considers members healthy (its
 * health window; in the lab, each premature step cost a write); a little more, because two clocks are involved.
 */
const settleMs = 6000;

/** What etcd steps need: the cluster's names, and the masters in whose static pods etcdctl may run. */
export interface EtcdAccess {
  readonly names: Names;
  readonly through: readonly string[];
}

/** A master, with what identifies its etcd member. */
export type Member = Master & Known;

/** Reads etcd through the first master that responds, skipping dead ones. */
export const readEtcd = async (world: Reads, etcd: EtcdAccess): Promise<EtcdState & { readonly through: string }> => {
  const kubernetes = await apiOf(world, etcd.names);
  let last: unknown = new OperatorError('kubernetes', 'No other master through which to query etcd');
  for (const through of etcd.through) {
    try {
      return { ...(await kubernetes.etcd(through)), through };
    } catch (error) {
      if (!OperatorError.is(error, 'kubernetes')) throw error;
      last = error;
    }
  }
  throw last;
};

/** Applies a rule to etcd's state. Without quorum, etcd cannot be queried; then the masters' status explains why. */
export const judged = async (
  world: Reads,
  access: EtcdAccess,
  voters: readonly string[],
  judge: (etcd: EtcdState) => OperatorError | undefined,
): Promise<OperatorError | undefined> => {
  try {
    return judge(await readEtcd(world, access));
  } catch (error) {
    if (OperatorError.is(error, 'kubernetes')) return quorumLost(world, voters, error);
    throw error;
  }
};

/** Checks again under the lease, right before the change, whether another master can be added. */
export const mayGrow = (access: EtcdAccess, member: Member, after: After): CloudStep<void, OperatorError | undefined> =>
  guard({
    id: `guard:${member.name}`,
    title: message('etcd can accept {0}', member.name),
    after,
    look: (world) => judged(world, access, access.through, (etcd) => growthRefusal(etcd, member)),
  });

/** Why a master does not vote yet; undefined once it does. */
const missingVote = async (world: Reads, etcd: EtcdAccess, master: Master): Promise<string | undefined> => {
  try {
    const own = memberOf(master, await readEtcd(world, etcd));
    if (own === undefined) return 'not an etcd member yet';
    if (own.learner) return 'a learner, not a voter yet';
    if (isUnhealthy(own)) return 'a voter, not responding yet';
    const node = (await (await apiOf(world, etcd.names)).nodes()).find((n) => n.name === master.name);
    if (node === undefined) return 'no Node yet';
    return node.ready ? undefined : 'its Node is NotReady';
  } catch (error) {
    if (OperatorError.is(error, 'kubernetes')) return error.message;
    throw error;
  }
};

/**
 * Waits until a master's member votes and its Node is Ready, according to another master (invariant 5: before it
 * serves).
 */
export const awaitVoter = (etcd: EtcdAccess, master: Master, after: After): CloudStep<void, string | undefined> => ({
  id: `voter:${master.name}`,
  title: message('Wait until {0} is a voter in etcd', master.name),
  after,
  timeoutMs: 10 * 60_000,
  ifLate: [
    { text: 'It serves, but is not in the load balancer yet; existing masters are not affected.' },
    toRun('See', command`trizone validate`),
    { text: 'Resume keeps waiting; undo deletes it.' },
  ],
  expectedMs: 10_000,
  observe: (ctx) => {
    knownAll(ctx, after);
    return missingVote(ctx.world, etcd, master);
  },
  decide: (seen) => {
    if (!seen.known) return { do: 'wait', detail: 'learner, then voter; Node Ready' };
    return seen.facts === undefined ? { do: 'nothing', out: undefined } : { do: 'wait', detail: seen.facts };
  },
  perform: async (ctx) => {
    await poll(ctx.clock, 2000, ctx.signal, async () => {
      const missing = await missingVote(ctx.world, etcd, master);
      if (missing !== undefined) ctx.progress(missing);
      return missing === undefined ? true : undefined;
    });
  },
});

/**
 * Moves leadership away from a leaving leader and lets it settle: in the lab, each leader removed without that, or too
 * soon after it, cost one failed write.
 */
export const handOver = (access: EtcdAccess, member: Member, after: After): CloudStep<void, boolean> => ({
  id: `hand-over:${member.name}`,
  looksAgain: true,
  title: message('Move etcd leadership away from {0}', member.name),
  after,
  risk: 'quorum',
  timeoutMs: 300_000,
  expectedMs: 8000,
  observe: async (ctx) => {
    knownAll(ctx, after);
    return memberOf(member, await readEtcd(ctx.world, access))?.leader === true;
  },
  decide: (seen) => {
    if (!seen.known) return { do: 'wait', detail: 'if it is the leader by then' };
    return seen.facts ? { do: 'update', gcloud: 'etcdctl move-leader MEMBER' } : { do: 'nothing', out: undefined };
  },
  perform: async (ctx) => {
    const kubernetes = await apiOf(ctx.world, access.names);
    const etcd = await readEtcd(ctx.world, access);
    const own = memberOf(member, etcd);
    const next = etcd.members.find((x) => x !== own && !x.learner && !isUnhealthy(x));
    if (own?.leader !== true || next === undefined) return;
    const urls = etcd.members.map((x) => x.clientUrl).filter((url) => url !== '');
    ctx.progress(`to ${next.name}`);
    await kubernetes.moveLeader(etcd.through, next.id, urls);
    await settled(ctx, access, (now) => now.members.some((x) => x.leader && x.name !== member.name));
  },
});

/** Removes a master's etcd member; nothing else of the master may be deleted before. */
export const removeMember = (
  access: EtcdAccess,
  member: Member,
  after: After,
): CloudStep<void, EtcdMember | undefined> => ({
  id: `member:${member.name}`,
  looksAgain: true,
  title: message('Remove {0} from etcd', member.name),
  after,
  risk: 'quorum',
  timeoutMs: 300_000,
  ifLate: [
    toRun(
      `If the API has not responded since ${member.name} was stopped, ${member.name} had just become a voter. Start it`,
      command`trizone master start ${member.name}`,
    ),
    toRun('then', command`trizone resume`),
  ],
  expectedMs: 8000,
  observe: async (ctx) => {
    knownAll(ctx, after);
    return memberOf(member, await readEtcd(ctx.world, access));
  },
  decide: (seen) =>
    seen.known && seen.facts === undefined
      ? { do: 'nothing', out: undefined }
      : { do: 'delete', gcloud: 'etcdctl member remove MEMBER' },
  perform: async (ctx) => {
    const kubernetes = await apiOf(ctx.world, access.names);
    const etcd = await readEtcd(ctx.world, access);
    // A final check: minutes may have passed since the guard.
    const refusal = shrinkRefusal(etcd, member);
    if (refusal !== undefined) throw refusal;
    const own = memberOf(member, etcd);
    if (own !== undefined) await kubernetes.removeMember(etcd.through, own.id);
    await settled(
      ctx,
      access,
      (now) => memberOf(member, now) === undefined && now.members.every((x) => !isUnhealthy(x)),
    );
  },
});

// Two observations, separated by etcd's health window, must agree.
const settled = async (
  ctx: { readonly world: Reads; readonly clock: Clock; readonly signal: AbortSignal },
  access: EtcdAccess,
  fine: (etcd: EtcdState) => boolean,
): Promise<void> => {
  const look = () => ifAnswers(async () => fine(await readEtcd(ctx.world, access)) || undefined);
  await poll(ctx.clock, 2000, ctx.signal, look);
  await ctx.clock.sleep(settleMs, ctx.signal);
  await poll(ctx.clock, 2000, ctx.signal, look);
};
