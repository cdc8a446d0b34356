import * as v from 'valibot';
import type { PlanRecord } from '../engine/journal.ts';
import type { Ids } from '../lib/ids.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { Verb } from '../model/verbs.ts';
import type { CloudStep } from '../steps/world.ts';
import type { Probed } from './prober.ts';

/** One verb ready to be planned: its steps, and what a resume needs to build them again. */
export interface Prepared {
  readonly verb: Verb;
  readonly cluster: string;
  readonly region: string;
  readonly steps: readonly CloudStep[];
  readonly input: unknown;
  /** Asked for by kube-up: once it is done, whichever process does it, the cluster's context becomes the current one. */
  readonly kubeUp?: boolean;
  /** What a person should know before saying yes: even numbers of masters and the like. */
  readonly warnings?: readonly string[];
  /** Run that is taken back by this one. */
  readonly undoes?: string;
  /** What was seen, as Markdown, once it has run; drills and tests have it. */
  readonly report?: (probed: Probed | undefined, cloud: string) => string;
}

/** What all verbs are told. */
export interface VerbOptions {
  readonly ids: Ids;
  readonly takeOver: boolean;
}

/** What a run was asked for, from its journal. */
export const inputOf = <S extends v.GenericSchema>(plan: PlanRecord, schema: S): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, plan.input);
  if (parsed.success) return parsed.output;
  throw new OperatorError('journal', `The run's journal does not say what was asked for: ${plan.run}`, {
    remedy: 'The cloud knows what exists: say the verb again.',
  });
};
