import * as v from 'valibot';
import type { Seen } from '../engine/step.ts';
import type { Ref } from '../gce/cloud.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { poll } from '../lib/deadline.ts';
import type { Master } from './master.ts';
import { knownAll, type After, type CloudStep, type Reads } from './world.ts';

const progressSchema = v.object({
  step: v.string(),
  n: v.number(),
  of: v.number(),
  bootId: v.string(),
  says: v.optional(v.string()),
});
const failureSchema = v.object({ step: v.string(), bootId: v.string(), message: v.string() });

/** What a booting machine says of itself by guest attributes; they outlive a reboot, so each names the boot that it is of. */
interface Boot {
  readonly bootId: string | undefined;
  readonly ready: boolean;
  readonly progress: string | undefined;
  /** Whether it is at one of its last steps. */
  readonly near: boolean;
  readonly failure: { readonly bootId: string; readonly text: string } | undefined;
}

/**
 * A boot takes 2–4 minutes on Google (packages, images, kubeadm init); asked every 10 s, as the attributes' quota likes it, and
 * every 2 s from the step on that ends in serving: what waits for this master begins at once.
 */
const boot = { expectedMs: 180_000, timeoutMs: 20 * 60_000, everyMs: 10_000, nearMs: 2000 } as const;

/** Steps (boot/steps.ts) that end in serving or come right before that. */
const last: readonly string[] = ['init', 'join-master', 'serving'];

/**
 * Waits until the machine itself reports, in words of this boot, that its own `/readyz` is ok; shows the step it is at and its
 * serial lines; `joins` says in the plan what the machine does by itself; `since` is what powered it on, and tells which boot was the last one
 * before. A boot that had failed before this run looked (a resume) is started anew: the script runs at every power-on.
 */
export const bootMaster = (
  m: Master,
  joins: string,
  after: After,
  since?: CloudStep<string | undefined>,
): CloudStep<void, Boot> => {
  const ref: Ref<'instances'> = { kind: 'instances', name: m.name, zone: m.zone };
  return {
    id: `boot:${m.name}`,
    title: `Wait until ${m.name} serves`,
    after: since === undefined ? after : [since, ...after],
    timeoutMs: boot.timeoutMs,
    expectedMs: boot.expectedMs,
    observe: async (ctx): Promise<Seen<Boot>> => {
      if (since !== undefined) knownAll(ctx, [since]);
      if ((await ctx.world.cloud.compute.get(ref)) === undefined) return { state: 'absent' };
      return { state: 'present', facts: await lookAt(ctx.world, ref) };
    },
    decide: (seen) => {
      if (seen.state !== 'present') return { do: 'wait', detail: joins };
      const { ready, failure, progress } = seen.facts;
      if (ready) return { do: 'nothing', out: undefined };
      if (failure === undefined) return { do: 'wait', detail: progress ?? 'not heard of yet' };
      const gcloud = `gcloud compute instances reset ${m.name} --zone=${m.zone}`;
      return { do: 'update', detail: `restart it, its boot failed: ${failure.text}`, gcloud };
    },
    perform: async (ctx, change, seen) => {
      if (change.do === 'update') await ctx.world.cloud.compute.act(ref, 'reset', {}, ctx.call());
      const old = seen.state === 'present' ? seen.facts.failure?.bootId : undefined;
      const before = since === undefined ? undefined : ctx.out(since);
      const serial = serialReader(ctx.world, ref);
      if (since !== undefined) await serial(); // lines of the boot before
      let everyMs: number = boot.everyMs;
      const pause = (): number => everyMs;
      await poll(ctx.clock, pause, ctx.signal, async () => {
        const { bootId, ready, progress, near, failure } = await lookAt(ctx.world, ref);
        if (bootId !== undefined && bootId === before) return undefined; // still the words of the boot before
        everyMs = near ? boot.nearMs : boot.everyMs;
        for (const line of await serial()) ctx.progress(`serial: ${line}`);
        if (failure !== undefined && failure.bootId !== old) throw bootFailed(m, failure.text);
        if (progress !== undefined) ctx.progress(progress);
        return ready ? true : undefined;
      });
    },
  };
};

const parsed = <S extends v.GenericSchema>(schema: S, text: string | undefined): v.InferOutput<S> | undefined => {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return result.success ? result.output : undefined;
};

/** Which boot a machine last spoke of. */
export const lastBoot = async (world: Reads, ref: Ref<'instances'>): Promise<string | undefined> =>
  (await lookAt(world, ref)).bootId;

const lookAt = async (world: Reads, ref: Ref<'instances'>): Promise<Boot> => {
  const attributes = await world.cloud.compute.guestAttributes(ref);
  const progress = parsed(progressSchema, attributes.get('progress'));
  const failure = parsed(failureSchema, attributes.get('error'));
  const says = progress?.says === undefined ? '' : `: ${progress.says}`;
  return {
    bootId: progress?.bootId,
    ready: progress !== undefined && attributes.get('ready') === progress.bootId,
    progress: progress === undefined ? undefined : `boot step ${progress.n}/${progress.of}: ${progress.step}${says}`,
    near: progress !== undefined && last.includes(progress.step),
    failure:
      failure !== undefined && failure.bootId === progress?.bootId
        ? { bootId: failure.bootId, text: `${failure.step}: ${failure.message}` }
        : undefined,
  };
};

/** New `TRIZONE` lines of the serial console since the last call. */
const serialReader = (world: Reads, ref: Ref<'instances'>) => {
  let at = 0;
  return async (): Promise<string[]> => {
    const { text, next } = await world.cloud.compute.serialOutput(ref, at);
    at = next;
    return text.split('\n').filter((line) => line.includes('TRIZONE'));
  };
};

const bootFailed = (m: Master, text: string): OperatorError =>
  new OperatorError('boot-failed', `The machine reports that its boot failed: ${m.name}: ${text}`, {
    remedy: `Resume starts it anew. Its console: gcloud compute instances get-serial-port-output ${m.name} --zone=${m.zone}`,
  });
