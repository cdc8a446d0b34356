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

/** Whether an instance is off and stays off by itself; Compute Engine calls a stopped one TERMINATED. */
export const isOff = (status: string | undefined): boolean => [...startable, 'SUSPENDED'].includes(status ?? '');

/**
 * What happens to an instance that is running by then: it is left alone, reset as announced in the plan, or reset only
 * if its member is unhealthy at that moment, according to these masters.
 */
export type Restart = 'never' | 'always' | { readonly ifUnhealthy: EtcdAccess };

interface Power {
  readonly status: string;
  readonly reset: boolean;
  readonly refusal?: OperatorError | undefined;
}

/**
 * Starts a master that is off; `restart` decides about a running one. Its output is the previous boot, so that reports
 * of that one are not mistaken for the new one's.
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

/** Ignores short outages: this many consecutive checks must agree, with cluster milliseconds between them. */
const unhealthy = { looks: 3, everyMs: 5000 } as const;

// etcd's state if the master's member stays unhealthy, `silent` if the only master does not respond, undefined once it
// is healthy.
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

/** Starts an instance that is off; Google does not start one that is still stopping. */
export const startAgain = async (ctx: WriteContext<Writes>, ref: Ref<'instances'>, call: Call): Promise<void> => {
  const { compute } = ctx.world.cloud;
  const status = await poll(ctx.clock, 5000, ctx.signal, async () => {
    const now = (await compute.get(ref))?.status ?? 'TERMINATED';
    return startable.includes(now) || now === 'RUNNING' ? now : undefined;
  });
  if (status !== 'RUNNING') await compute.act(await compute.own(ref), 'start', {}, call);
};

/**
 * Stops an instance during `work` and starts it again however that ends, even past the step's deadline (the step
 * declares `cleansUp`). It stays off only if the work succeeds and its result allows that.
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
