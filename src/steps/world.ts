import type { Step } from '../engine/step.ts';
import type { CloudReader, CloudWriter } from '../gce/cloud.ts';
import type { Clock } from '../lib/clock.ts';
import type { Kubernetes } from '../kube/kubernetes.ts';

/** What planning gets of the world: nothing of it can write (invariant 1). */
export interface Reads {
  readonly cloud: CloudReader;
  /** Connection to the API server by the admin kubeconfig; undefined while the cluster has not published one. */
  readonly kubernetes: (adminSecret: string) => Promise<Kubernetes | undefined>;
  /** Wall time: leases and certificates, never waits for the cloud. */
  readonly wall: Clock;
  /** Identity of this state folder towards other computers; see the lease. */
  readonly holder: string;
}

/** What performing gets. */
export interface Writes extends Reads {
  readonly cloud: CloudWriter;
}

/** A step of Trizone's workflows. */
export type CloudStep<Out = unknown, Facts = unknown> = Step<Reads, Writes, Out, Facts>;

/** Predecessors. */
export type After = readonly CloudStep[];
