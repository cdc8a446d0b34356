import * as v from 'valibot';
import type { PlanRecord } from '../engine/journal.ts';
import type { Ids } from '../lib/ids.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Verb } from '../model/verbs.ts';
import type { Whom } from '../model/whom.ts';
import type { CloudStep, Reads } from '../steps/world.ts';
import type { Probed } from './prober.ts';

/** One verb ready to be planned: whom it is for, its steps, and what a resume needs to build them again. */
export interface Prepared {
  readonly verb: Verb;
  readonly cluster: string;
  readonly region: string;
  /** The only cluster that it may be applied to. */
  readonly whom: Whom;
  /** A create: nobody had the name when it was planned. */
  readonly free?: boolean;
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
  /** Prepared once more under the lease, where that is not what a resume of it would be; undefined: nothing is left to do. */
  readonly again?: (world: Reads) => Promise<Prepared | undefined>;
}

/** What all verbs are told. */
export interface VerbOptions {
  readonly ids: Ids;
  readonly takeOver: boolean;
}

/** Which cluster a verb is for. */
export const forCluster = (
  { cloud }: Reads,
  c: Pick<Cluster, 'name' | 'region' | 'uid'>,
): Pick<Prepared, 'cluster' | 'region' | 'whom'> => ({
  cluster: c.name,
  region: c.region,
  whom: { cloud: cloud.id, project: cloud.project, uid: c.uid },
});

/** What a run was asked for, from its journal. */
export const inputOf = <S extends v.GenericSchema>(plan: PlanRecord, schema: S): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, plan.input);
  if (parsed.success) return parsed.output;
  throw new OperatorError('journal', `The run's journal does not say what was asked for: ${plan.run}`, {
    remedy: 'The cloud knows what exists: say the verb again.',
  });
};
