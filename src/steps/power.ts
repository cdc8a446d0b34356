import { cleanedUp } from '../engine/cleanUp.ts';
import type { Seen, WriteContext } from '../engine/step.ts';
import type { Call, Ref } from '../gce/cloud.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { lastBoot } from './bootReport.ts';
import type { Master } from './master.ts';
import type { After, CloudStep, Writes } from './world.ts';

const startable = ['TERMINATED', 'STOPPED'];

/** Whether nothing runs on a machine, nor will by itself; Compute Engine calls one that was stopped TERMINATED. */
export const isOff = (status: string | undefined): boolean => [...startable, 'SUSPENDED'].includes(status ?? '');

/**
 * Powers a master on that is off; `restart` also power-cycles one that runs. Its output is the boot before, so that the words
 * of that one are not taken for the new one's.
 */
export const powerOn = (m: Master, restart: boolean, after: After): CloudStep<string | undefined, string> => {
  const ref: Ref<'instances'> = { kind: 'instances', name: m.name, zone: m.zone };
  return {
    id: `power:${m.name}`,
    title: `Start machine ${m.name}`,
    after,
    timeoutMs: 10 * 60_000,
    expectedMs: 20_000,
    observe: async (ctx): Promise<Seen<string>> => {
      const found = await ctx.world.cloud.compute.get(ref);
      return found === undefined ? { state: 'absent' } : { state: 'present', facts: found.status };
    },
    decide: (seen) => {
      if (seen.state !== 'present') return { do: 'refuse', error: gone(m) };
      const verb = seen.facts === 'RUNNING' ? 'reset' : 'start';
      if (verb === 'reset' && !restart) return { do: 'nothing', out: undefined };
      const gcloud = `gcloud compute instances ${verb} ${m.name} --zone=${m.zone}`;
      return { do: 'update', detail: verb === 'reset' ? 'it runs, and starts anew' : `it is ${seen.facts}`, gcloud };
    },
    perform: async (ctx, _change, seen) => {
      const { compute } = ctx.world.cloud;
      const before = await lastBoot(ctx.world, ref);
      if (seen.state === 'present' && seen.facts === 'RUNNING') await compute.act(ref, 'reset', {}, ctx.call());
      else await startAgain(ctx, ref, ctx.call());
      return before;
    },
  };
};

// Google starts no machine that is still stopping.
const startAgain = async (ctx: WriteContext<Writes>, ref: Ref<'instances'>, call: Call): Promise<void> => {
  const { compute } = ctx.world.cloud;
  const status = await poll(ctx.clock, 5000, ctx.signal, async () => {
    const now = (await compute.get(ref))?.status ?? 'TERMINATED';
    return startable.includes(now) || now === 'RUNNING' ? now : undefined;
  });
  if (status !== 'RUNNING') await compute.act(ref, 'start', {}, call);
};

/**
 * Stops a machine for `work`, and starts it again however that ends, also past the step's deadline (it declares `cleansUp`): only
 * where the work has come to its end and finds that it may stay off, it does.
 */
export const whileOff = async <T>(
  ctx: WriteContext<Writes>,
  ref: Ref<'instances'>,
  work: () => Promise<T>,
  mayStayOff: (done: T) => boolean = () => false,
): Promise<T> => {
  let stays = false;
  const stopAndWork = async (): Promise<T> => {
    await ctx.world.cloud.compute.act(ref, 'stop', {}, ctx.call('stop'));
    const done = await work();
    stays = mayStayOff(done);
    return done;
  };
  return cleanedUp(ctx, stopAndWork, async (own) => {
    if (!stays) await startAgain(own, ref, own.call('start'));
  });
};

const gone = (m: Master): OperatorError =>
  new OperatorError('not-found', `There is no machine ${m.name} in ${m.zone}`, {
    remedy: `Make it again on its disk, or replace it: trizone master repair ${m.name}`,
  });
