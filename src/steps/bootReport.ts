import * as v from 'valibot';
import type { Ref } from '../gce/cloud.ts';
import type { Reads } from './world.ts';

const progressSchema = v.object({
  step: v.string(),
  n: v.number(),
  of: v.number(),
  at: v.optional(v.string(), ''),
  bootId: v.string(),
  says: v.optional(v.string()),
});
const failureSchema = v.object({ step: v.string(), bootId: v.string(), message: v.string() });

/** What a machine says of its newest boot by guest attributes; they outlive a reboot, so each names the boot that it is of. */
export interface BootReport {
  /** Of the last report; undefined before the first one. */
  readonly bootId: string | undefined;
  /** Time of the last report by the machine's clock, milliseconds since the epoch; 0 where there is none. */
  readonly at: number;
  /** Own API server, or on a node kubelet, was ok in that boot. */
  readonly serves: boolean;
  /** The script has come to its end. */
  readonly done: boolean;
  readonly progress: string | undefined;
  readonly failure: string | undefined;
}

const parsed = <S extends v.GenericSchema>(schema: S, text: string | undefined): v.InferOutput<S> | undefined => {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return result.success ? result.output : undefined;
};

/** Reads what the startup script's functions `report` and `fail` have written (boot/parts/prelude.ts). */
export const readReport = async (world: Reads, ref: Ref<'instances'>): Promise<BootReport> => {
  const attributes = await world.cloud.compute.guestAttributes(ref);
  const progress = parsed(progressSchema, attributes.get('progress'));
  const error = parsed(failureSchema, attributes.get('error'));
  const says = progress?.says === undefined ? '' : `: ${progress.says}`;
  return {
    bootId: progress?.bootId,
    at: Date.parse(progress?.at ?? '') || 0,
    serves: progress !== undefined && attributes.get('ready') === progress.bootId,
    done: progress?.step === 'done',
    progress: progress === undefined ? undefined : `boot step ${progress.n}/${progress.of}: ${progress.step}${says}`,
    failure: error !== undefined && error.bootId === progress?.bootId ? `${error.step}: ${error.message}` : undefined,
  };
};
