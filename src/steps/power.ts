import { message } from '../lib/message.ts';
import { cleanedUp } from '../engine/cleanUp.ts';
import { knownFacts, type ReadContext, type WriteContext } from '../engine/step.ts';
import type { Call, Ref } from '../gce/cloud.ts';
import type { EtcdState } from '../kube/kubernetes.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { isUnwell, resetRefusal } from '../model/etcdRules.ts';
import { command, toRun } from '../lib/remedy.ts';
import { lastBoot } from './bootReport.ts';
import { readEtcd, type EtcdAccess } from './etcd.ts';
import { ifAnswers } from './kubernetesApi.ts';
import type { Master } from './master.ts';
import type { After, CloudStep, Reads, Writes } from './world.ts';

const startable = ['TERMINATED', 'STOPPED'];

/** Whether nothing runs on a machine, nor will by itself; Compute Engine calls one that was stopped TERMINATED. */
export const isOff = (status: string | undefined): boolean => [...startable, 'SUSPENDED'].includes(status ?? '');

/**
 * What becomes of a machine that runs by then: it is left alone, it is reset as the plan has announced, or it is reset only if its
 * member is sick at that moment, asked through these masters.
 */
export type Restart = 'never' | 'always' | { readonly ifUnhealthy: EtcdAccess };

interface Power {
  readonly status: string;
  readonly reset: boolean;
  readonly refusal?: OperatorError | undefined;
}

/**
 * Powers a master on that is off; `restart` says what becomes of one that runs. Its output is the boot before, so that the words of
 * that one are not taken for the new one's.
 */
export const powerOn = (
  master: Master,
  restart: Restart,
  after: After,
): CloudStep<string | undefined, Power | undefined> => {
  const ref: Ref<'instances'> = { kind: 'instances', name: master.name, zone: master.zone };
  return {
    id: `power:${master.name}`,
    title: message('Start instance {0}', master.name),
    after,
    timeoutMs: 10 * 60_000,
    expectedMs: 20_000,
    observe: async (ctx) => {
      const found = await ctx.world.cloud.compute.get(ref);
      if (found === undefined) return undefined;
      const { status } = found;
      if (status !== 'RUNNING' || typeof restart === 'string')
        return { status, reset: status === 'RUNNING' && restart === 'always' };
      const etcd = await staysUnhealthy(ctx, restart.ifUnhealthy, master);
      const refusal = etcd === undefined || etcd === 'silent' ? undefined : resetRefusal(etcd, master);
      return { status, reset: etcd !== undefined, refusal };
    },
    decide: (seen) => {
      const power = knownFacts(seen);
      if (power === undefined) return { do: 'refuse', error: gone(master) };
      const { status, reset, refusal } = power;
      if (refusal !== undefined) return { do: 'refuse', error: refusal };
      if (status === 'RUNNING' && !reset) return { do: 'nothing', out: undefined };
      const gcloud = `gcloud compute instances ${reset ? 'reset' : 'start'} ${master.name} --zone=${master.zone}`;
      return { do: 'update', detail: reset ? 'it is running, so it is reset' : `it is ${status}`, gcloud };
    },
    perform: async (ctx, _change, power) => {
      const { compute } = ctx.world.cloud;
      const before = await lastBoot(ctx.world, ref);
      if (power?.reset) await compute.act(await compute.own(ref), 'reset', {}, ctx.call());
      else await startAgain(ctx, ref, ctx.call());
      return before;
    },
  };
};

/** A hiccup is no sickness: so many looks in a row say the same, with cluster milliseconds between them. */
const unhealthy = { looks: 3, everyMs: 5000 } as const;

// What etcd says while the master's member stays sick, `silent` where the only master does not answer, undefined once it is well.
const staysUnhealthy = async (
  ctx: ReadContext<Reads>,
  access: EtcdAccess,
  master: Master,
): Promise<EtcdState | 'silent' | undefined> => {
  for (let look = 1; ; look++) {
    const etcd = await ifAnswers(() => readEtcd(ctx.world, access));
    if (!isUnwell(etcd, access.through, master)) return undefined;
    if (look === unhealthy.looks) return etcd ?? 'silent';
    await ctx.clock.sleep(unhealthy.everyMs, ctx.signal);
  }
};

/** Powers a machine on that is off; Google starts none that is still stopping. */
export const startAgain = async (ctx: WriteContext<Writes>, ref: Ref<'instances'>, call: Call): Promise<void> => {
  const { compute } = ctx.world.cloud;
  const status = await poll(ctx.clock, 5000, ctx.signal, async () => {
    const now = (await compute.get(ref))?.status ?? 'TERMINATED';
    return startable.includes(now) || now === 'RUNNING' ? now : undefined;
  });
  if (status !== 'RUNNING') await compute.act(await compute.own(ref), 'start', {}, call);
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
  const { compute } = ctx.world.cloud;
  let stays = false;
  const stopAndWork = async (): Promise<T> => {
    await compute.act(await compute.own(ref), 'stop', {}, ctx.call('stop'));
    const done = await work();
    stays = mayStayOff(done);
    return done;
  };
  return cleanedUp(ctx, stopAndWork, async (own) => {
    if (!stays) await startAgain(own, ref, own.call('start'));
  });
};

const gone = (master: Master): OperatorError =>
  new OperatorError('not-found', `Instance ${master.name} not found in ${master.zone}`, {
    remedy: toRun('To re-create it on its disk or replace it', command`trizone master repair ${master.name}`),
  });
