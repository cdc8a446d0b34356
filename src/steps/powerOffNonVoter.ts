import { message } from '../lib/message.ts';
import { knownFacts, type WriteContext } from '../engine/step.ts';
import type { Ref } from '../gce/cloud.ts';
import type { EtcdMember } from '../kube/kubernetes.ts';
import { poll } from '../lib/deadline.ts';
import { isUnhealthy, memberOf } from '../model/etcdRules.ts';
import { isOurs, type Marker } from '../model/marker.ts';
import { lastBoot, readReport } from './bootReport.ts';
import { readEtcd, type EtcdAccess, type Member } from './etcd.ts';
import { ifAnswers } from './kubernetesApi.ts';
import { isOff, whileOff } from './power.ts';
import type { After, CloudStep, Reads } from './world.ts';

/**
 * A leaving master without a vote must not get one on its way out: one of two voters would be deleted, and quorum lost.
 * It is powered off before anything that its boot may be waiting for is removed (the load balancer's address held it
 * up, hairpin). A voter is removed as voters are.
 */
export const powerOffNonVoter = (
  etcd: EtcdAccess,
  member: Member,
  owner: Marker,
  after: After,
): CloudStep<void, boolean> => {
  const ref: Ref<'instances'> = { kind: 'instances', name: member.name, zone: member.zone };
  return {
    id: `off:${member.name}`,
    title: message('Stop {0} before it joins', member.name),
    after,
    risk: 'quorum',
    looksAgain: true,
    cleansUp: true,
    timeoutMs: 20 * 60_000,
    expectedMs: 30_000,
    observe: async (ctx) => {
      const found = await ctx.world.cloud.compute.get(ref);
      if (found === undefined || !isOurs(owner, found, member.name) || isOff(found.status)) return false;
      return memberOf(member, await readEtcd(ctx.world, etcd))?.learner !== false;
    },
    decide: (seen) =>
      knownFacts(seen)
        ? {
            do: 'update',
            detail: 'it is not a voter yet',
            gcloud: `gcloud compute instances stop ${member.name} --zone=${member.zone}`,
          }
        : { do: 'nothing', out: undefined },
    perform: async (ctx) => {
      const before = await lastBoot(ctx.world, ref);
      // It may have become a voter between the check and the stop. With two voters, both must respond: it is started
      // again and removed as voters are.
      const look = async (): Promise<boolean> => {
        const silent = await isSilent(ctx, etcd);
        if (silent)
          ctx.progress('etcd has no quorum without it: it became a voter, so it is started again to be removed safely');
        return silent;
      };
      if (!(await whileOff(ctx, ref, look, (silent) => !silent))) return;
      // It must also serve: a boot that had not come that far begins by removing its own member and joins again.
      await poll(ctx.clock, lookEveryMs, ctx.signal, async () => {
        if (!(await readReport(ctx.world, ref, before)).serves) return undefined;
        return ifAnswers(async () => isVoter(memberOf(member, await readEtcd(ctx.world, etcd))));
      });
    },
  };
};

const lookEveryMs = 2000;
/** An election takes seconds; a loss of quorum lasts. */
const silentMs = 30_000;

const isSilent = async (ctx: WriteContext<Reads>, etcd: EtcdAccess): Promise<boolean> => {
  const since = ctx.clock.monotonic();
  return poll(ctx.clock, lookEveryMs, ctx.signal, async () => {
    const answers = (await ifAnswers(() => readEtcd(ctx.world, etcd))) !== undefined;
    if (answers) return false;
    return ctx.clock.monotonic() - since >= silentMs || undefined;
  });
};

const isVoter = (own: EtcdMember | undefined): true | undefined =>
  (own !== undefined && !isUnhealthy(own) && !own.learner) || undefined;
