import type { Seen } from '../engine/step.ts';
import type { Ref } from '../gce/cloud.ts';
import { isOurs, type Marker } from '../model/marker.ts';
import { memberOf, readEtcd, type Etcd, type Member } from './etcd.ts';
import { isOff } from './power.ts';
import type { After, CloudStep } from './world.ts';

/**
 * A master that goes and has no vote yet must not get one on its way out: of two voters one would be deleted, and the quorum with
 * it. It is switched off before anything that its boot may wait for is taken away from it (the load balancer's address was in its
 * way, hairpin). One that votes goes the way of voters.
 */
export const keepOut = (e: Etcd, m: Member, owner: Marker, after: After): CloudStep<void, boolean> => {
  const ref: Ref<'instances'> = { kind: 'instances', name: m.name, zone: m.zone };
  return {
    id: `off:${m.name}`,
    title: `Switch ${m.name} off before it joins`,
    after,
    risk: 'quorum',
    looksAgain: true,
    timeoutMs: 10 * 60_000,
    expectedMs: 30_000,
    observe: async (ctx): Promise<Seen<boolean>> => {
      const found = await ctx.world.cloud.compute.get(ref);
      if (found === undefined || !isOurs(owner, found, m.name) || isOff(found.status))
        return { state: 'present', facts: false };
      return { state: 'present', facts: memberOf(m, await readEtcd(ctx.world, e))?.learner !== false };
    },
    decide: (seen) =>
      seen.state === 'present' && seen.facts
        ? {
            do: 'update',
            detail: 'it has no vote yet',
            gcloud: `gcloud compute instances stop ${m.name} --zone=${m.zone}`,
          }
        : { do: 'nothing', out: undefined },
    perform: async (ctx) => {
      await ctx.world.cloud.compute.act(ref, 'stop', {}, ctx.call());
    },
  };
};
