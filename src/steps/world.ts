import type { ReadContext, Step } from '../engine/step.ts';
import type { CloudReader, CloudWriter } from '../gce/cloud.ts';
import type { Clock } from '../lib/clock.ts';
import type { Kubernetes, KubernetesWriter } from '../kube/kubernetes.ts';

/** The world as planning sees it: nothing in it can write (invariant 1). */
export interface Reads {
  readonly cloud: CloudReader;
  /** Connects to the API server with the admin kubeconfig; undefined if the cluster has not published one yet. */
  readonly kubernetes: (adminSecret: string) => Promise<Kubernetes | undefined>;
  /** Wall time: for leases and certificates, never for waiting on the cloud. */
  readonly wall: Clock;
  /** Identity of this state folder, as seen by other computers; see the lease. */
  readonly holder: string;
  /**
   * Restricts which cluster a name refers to: the one with this uid (a resumed run), or in this region (chosen by the
   * user).
   */
  readonly only?: { readonly uid?: string | undefined; readonly region?: string | undefined } | undefined;
}

/** The world as performing steps see it. */
export interface Writes extends Reads {
  readonly cloud: CloudWriter;
  readonly kubernetes: (adminSecret: string) => Promise<KubernetesWriter | undefined>;
}

/** A step of Trizone's workflows. */
export type CloudStep<Out = unknown, Facts = unknown> = Step<Reads, Writes, Out, Facts>;

/** Predecessors. */
export type After = readonly CloudStep[];

/**
 * Stops an observation during planning if one of these steps has not run yet: the current state says nothing about the
 * state afterward, and a step that the plan finds done is not observed again. Housekeeping (leases, guards) changes
 * nothing and does not count.
 */
export const knownAll = (ctx: ReadContext<Reads>, after: After): void => {
  for (const step of after) if (step.housekeeping !== true) ctx.out(step);
};
