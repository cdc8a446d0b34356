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

/** A machine's guest attribute reports on its latest boot; they survive a reboot, so each contains its boot ID. */
export interface BootReport {
  /** Boot ID of the last report; undefined before the first one. */
  readonly bootId: string | undefined;
  /** Time of the last report by the machine's clock, milliseconds since the epoch; 0 if there is none. */
  readonly at: number;
  /** In that boot, the machine's own API server (on a node: kubelet) was ok. */
  readonly serves: boolean;
  /** It is at one of the last steps before it serves or finishes. */
  readonly near: boolean;
  /** The script has finished. */
  readonly done: boolean;
  readonly progress: string | undefined;
  readonly failure: string | undefined;
}

/** Steps (boot/steps.ts) that end in serving or immediately precede it, and those that follow. */
const last: readonly string[] = ['init', 'join-master', 'serving', 'publish', 'add-ons'];

const parsed = <S extends v.GenericSchema>(schema: S, text: string | undefined): v.InferOutput<S> | undefined => {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return result.success ? result.output : undefined;
};

/** The boot ID of a machine's last report. */
export const lastBoot = async (world: Reads, ref: Ref<'instances'>): Promise<string | undefined> =>
  (await readReport(world, ref)).bootId;

const nothingYet: BootReport = {
  ...{ bootId: undefined, at: 0, serves: false, near: false, done: false, progress: undefined, failure: undefined },
};

/**
 * Reads what the startup script's functions `report` and `fail` have written (boot/parts/prelude.ts); reports of the
 * boot `old` are ignored.
 */
export const readReport = async (world: Reads, ref: Ref<'instances'>, old?: string): Promise<BootReport> => {
  const attributes = await world.cloud.compute.guestAttributes(ref);
  const progress = parsed(progressSchema, attributes.get('progress'));
  if (progress !== undefined && progress.bootId === old) return nothingYet;
  const error = parsed(failureSchema, attributes.get('error'));
  const detail = progress?.says === undefined ? '' : `: ${progress.says}`;
  return {
    bootId: progress?.bootId,
    at: Date.parse(progress?.at ?? '') || 0,
    serves: progress !== undefined && attributes.get('ready') === progress.bootId,
    near: progress !== undefined && last.includes(progress.step),
    done: progress?.step === 'done',
    progress: progress === undefined ? undefined : `boot step ${progress.n}/${progress.of}: ${progress.step}${detail}`,
    failure: error !== undefined && error.bootId === progress?.bootId ? `${error.step}: ${error.message}` : undefined,
  };
};
