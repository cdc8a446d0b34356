import type { Cluster } from '../model/cluster.ts';
import type { Ids } from '../lib/ids.ts';
import type { Message } from '../lib/message.ts';
import type { Probed } from '../model/probed.ts';
import type { ClusterIdentity } from '../model/clusterIdentity.ts';
import type { Acting } from '../steps/lease.ts';
import type { CloudStep, Reads } from '../steps/world.ts';

/** A verb prepared for one cluster in its current state: its steps, and what a resume needs to rebuild them. */
export interface Work {
  readonly cluster: string;
  readonly region: string;
  /** The only cluster it may be applied to. */
  readonly identity: ClusterIdentity;
  /** For a create: the name was unused when it was planned. */
  readonly free?: boolean;
  readonly steps: readonly CloudStep[];
  /** What the journal stores; matches the verb's `stored` schema. No secrets. */
  readonly input: unknown;
  /** Warnings before the confirmation, for example about an even number of masters. */
  readonly warnings?: readonly string[];
  /** The run that this one undoes. */
  readonly undoes?: string;
  /** Report of the observations in Markdown, once it has run; for drills and tests. */
  readonly report?: (probed: Probed | undefined, cloud: string) => string;
  /** The result, read once it has run. */
  readonly outcome?: (world: Reads) => Promise<Outcome>;
  /** Prepares again under the lease, if that differs from a resume; returns undefined if there is nothing left to do. */
  readonly again?: (world: Reads) => Promise<Work | undefined>;
}

/** The result of a verb: lines for display, and the same as JSON. */
export interface Outcome {
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

/** A verb's work plus the verb's properties, which are the same wherever it is used. Ready for planning. */
export interface Prepared extends Omit<Work, 'again'> {
  readonly again?: (world: Reads) => Promise<Prepared | undefined>;
  /** Its name in journals, leases, and labels. */
  readonly verb: string;
  /** What it does to a cluster, in a few words; {0} is the cluster. */
  readonly label: string;
  /** Whether its runs can be undone. */
  readonly adds: boolean;
  /** Whether the API must remain available throughout. */
  readonly probed: boolean;
  /** The complete request in words; a resumed run only has the label. */
  readonly title?: Message;
  /** The text to type for confirmation, if a plain yes is not enough. */
  readonly typed?: string | undefined;
  /** Requested by kube-up: at the end, whichever process completes it makes the cluster's context the current one. */
  readonly kubeUp?: boolean;
}

/** Options of the caller besides the request. */
export interface VerbOptions {
  readonly ids: Ids;
  readonly takeOver: boolean;
}

/** What a verb is prepared with. */
export interface Preparing {
  readonly ids: Ids;
  /** The acquirer of the lease. */
  readonly by: Acting;
}

/** The cluster that a verb is for. */
export const forCluster = (
  { cloud }: Reads,
  cluster: Pick<Cluster, 'name' | 'region' | 'uid'>,
): Pick<Work, 'cluster' | 'region' | 'identity'> => ({
  cluster: cluster.name,
  region: cluster.region,
  identity: { cloud: cloud.id, project: cloud.project, uid: cluster.uid },
});
