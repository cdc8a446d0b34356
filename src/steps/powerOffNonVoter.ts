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
 * A master that goes and has no vote yet must not get one on its way out: of two voters one would be deleted, and the quorum with
 * it. It is switched off before anything that its boot may wait for is taken away from it (the load balancer's address was in its
 * way, hairpin). One that votes goes the way of voters.
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
      // Between the look and the stop it may have got its vote. Of two voters both must answer: it comes back, and goes as voters do.
      const look = async (): Promise<boolean> => {
        const silent = await isSilent(ctx, etcd);
        if (silent)
          ctx.progress('etcd has no quorum without it: it became a voter, so it is started again to be removed safely');
        return silent;
      };
      if (!(await whileOff(ctx, ref, look, (silent) => !silent))) return;
      // Only when it serves, too: a start that had come no further begins with the removal of its own member, and joins once more.
      await poll(ctx.clock, lookEveryMs, ctx.signal, async () => {
        if (!(await readReport(ctx.world, ref, before)).serves) return undefined;
        return ifAnswers(async () => isVoter(memberOf(member, await readEtcd(ctx.world, etcd))));
      });
    },
  };
};

const lookEveryMs = 2000;
/** An election takes seconds, a lost quorum lasts. */
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
