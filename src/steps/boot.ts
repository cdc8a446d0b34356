import * as v from 'valibot';
import type { Seen } from '../engine/step.ts';
import type { Ref } from '../gce/cloud.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { poll } from '../lib/deadline.ts';
import type { Master } from './master.ts';
import type { After, CloudStep, Reads } from './world.ts';

const progressSchema = v.object({ step: v.string(), n: v.number(), of: v.number(), bootId: v.string() });

/** What a booting machine says of itself by guest attributes. */
interface Boot {
  readonly ready: boolean;
  readonly progress: string | undefined;
  readonly error: string | undefined;
}

/** A boot takes 2–4 minutes on Google (packages, images, kubeadm init); asked every 10 s, as the attributes' quota likes it. */
const boot = { expectedMs: 180_000, timeoutMs: 20 * 60_000, everyMs: 10_000 } as const;

/**
 * Waits until the machine itself reports that its own `/readyz` is ok, in words of this boot (attributes outlive a reboot, so
 * the report carries the boot id). Shows the step it is at, and its serial lines.
 */
export const bootMaster = (m: Master, after: After): CloudStep<void, Boot> => {
  const ref: Ref<'instances'> = { kind: 'instances', name: m.name, zone: m.zone };
  return {
    id: `boot:${m.name}`,
    title: `Wait until ${m.name} serves`,
    after,
    timeoutMs: boot.timeoutMs,
    expectedMs: boot.expectedMs,
    observe: async (ctx): Promise<Seen<Boot>> => {
      if ((await ctx.world.cloud.compute.get(ref)) === undefined) return { state: 'absent' };
      return { state: 'present', facts: await lookAt(ctx.world, ref) };
    },
    decide: (seen) => {
      if (seen.state !== 'present') return { do: 'wait', detail: 'kubeadm init on the machine itself' };
      if (seen.facts.ready) return { do: 'nothing', out: undefined };
      if (seen.facts.error !== undefined) return { do: 'refuse', error: bootFailed(m, seen.facts.error) };
      return { do: 'wait', detail: seen.facts.progress ?? 'not heard of yet' };
    },
    perform: async (ctx) => {
      const serial = serialReader(ctx.world, ref);
      await poll(ctx.clock, boot.everyMs, ctx.signal, async () => {
        const seen = await lookAt(ctx.world, ref);
        for (const line of await serial()) ctx.progress(`serial: ${line}`);
        if (seen.error !== undefined) throw bootFailed(m, seen.error);
        if (seen.progress !== undefined) ctx.progress(seen.progress);
        return seen.ready ? true : undefined;
      });
    },
  };
};

const lookAt = async (world: Reads, ref: Ref<'instances'>): Promise<Boot> => {
  const attributes = await world.cloud.compute.guestAttributes(ref);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), progressSchema), attributes.get('progress'));
  const progress = parsed.success ? parsed.output : undefined;
  return {
    ready: progress !== undefined && attributes.get('ready') === progress.bootId,
    progress: progress === undefined ? undefined : `boot step ${progress.n}/${progress.of}: ${progress.step}`,
    error: attributes.get('error'),
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

const bootFailed = (m: Master, error: string): OperatorError =>
  new OperatorError('boot-failed', `The machine reports that its boot failed: ${m.name}: ${error}`, {
    remedy: `See its console: gcloud compute instances get-serial-port-output ${m.name} --zone=${m.zone}`,
  });
