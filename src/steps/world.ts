import type { ReadContext, Step } from '../engine/step.ts';
import type { CloudReader, CloudWriter } from '../gce/cloud.ts';
import type { Clock } from '../lib/clock.ts';
import type { Kubernetes, KubernetesWriter } from '../kube/kubernetes.ts';

/** What planning gets of the world: nothing of it can write (invariant 1). */
export interface Reads {
  readonly cloud: CloudReader;
  /** Connection to the API server by the admin kubeconfig; undefined while the cluster has not published one. */
  readonly kubernetes: (adminSecret: string) => Promise<Kubernetes | undefined>;
  /** Wall time: leases and certificates, never waits for the cloud. */
  readonly wall: Clock;
  /** Identity of this state folder towards other computers; see the lease. */
  readonly holder: string;
  /** The only cluster that a name means: the one of this uid (a run that goes on), or in this region (a person said which). */
  readonly only?: { readonly uid?: string | undefined; readonly region?: string | undefined } | undefined;
}

/** What performing gets. */
export interface Writes extends Reads {
  readonly cloud: CloudWriter;
  readonly kubernetes: (adminSecret: string) => Promise<KubernetesWriter | undefined>;
}

/** A step of Trizone's workflows. */
export type CloudStep<Out = unknown, Facts = unknown> = Step<Reads, Writes, Out, Facts>;

/** Predecessors. */
export type After = readonly CloudStep[];

/**
 * Ends an observation while planning when one of these steps has yet to run: what is true now says nothing of afterwards, and
 * a step that the plan finds done is not looked at again. Housekeeping (leases, guards) changes nothing and does not count.
 */
export const knownAll = (ctx: ReadContext<Reads>, after: After): void => {
  for (const step of after) if (step.housekeeping !== true) ctx.out(step);
};
