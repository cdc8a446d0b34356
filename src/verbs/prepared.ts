import type { Cluster } from '../model/cluster.ts';
import type { Ids } from '../lib/ids.ts';
import type { Message } from '../lib/message.ts';
import type { Probed } from '../model/probed.ts';
import type { ClusterIdentity } from '../model/clusterIdentity.ts';
import type { Acting } from '../steps/lease.ts';
import type { CloudStep, Reads } from '../steps/world.ts';

/** What a verb comes to for one cluster as it is now: its steps, and what a resume needs to build them again. */
export interface Work {
  readonly cluster: string;
  readonly region: string;
  /** The only cluster that it may be applied to. */
  readonly identity: ClusterIdentity;
  /** A create: nobody had the name when it was planned. */
  readonly free?: boolean;
  readonly steps: readonly CloudStep[];
  /** What the journal keeps; fits the verb's `stored` schema. No secrets. */
  readonly input: unknown;
  /** What a person should know before saying yes: even numbers of masters and the like. */
  readonly warnings?: readonly string[];
  /** Run that is taken back by this one. */
  readonly undoes?: string;
  /** What was seen, as Markdown, once it has run; drills and tests have it. */
  readonly report?: (probed: Probed | undefined, cloud: string) => string;
  /** What it has achieved, read once it has run. */
  readonly outcome?: (world: Reads) => Promise<Outcome>;
  /** Prepared once more under the lease, where that is not what a resume of it would be; undefined: nothing is left to do. */
  readonly again?: (world: Reads) => Promise<Work | undefined>;
}

/** What a verb has achieved: lines for people, and the same for programs. */
export interface Outcome {
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

/** A verb's work, with what is true of the verb wherever it is used. Ready to be planned. */
export interface Prepared extends Omit<Work, 'again'> {
  readonly again?: (world: Reads) => Promise<Prepared | undefined>;
  /** Its name, as journals, leases and labels have it. */
  readonly verb: string;
  /** What it does to a cluster, in few words; {0} is the cluster. */
  readonly label: string;
  /** Whether its runs can be undone. */
  readonly adds: boolean;
  /** Whether the API must answer all the time while it works. */
  readonly probed: boolean;
  /** The whole of what is asked for; a resumed run has its label only. */
  readonly title?: Message;
  /** What has to be typed before it is done, where a plain yes will not do. */
  readonly typed?: string | undefined;
  /** Asked for by kube-up: once it is done, whichever process does it, the cluster's context becomes the current one. */
  readonly kubeUp?: boolean;
}

/** What whoever asks for a verb says beside the request. */
export interface VerbOptions {
  readonly ids: Ids;
  readonly takeOver: boolean;
}

/** What a verb is prepared with. */
export interface Preparing {
  readonly ids: Ids;
  /** Who holds the lease. */
  readonly by: Acting;
}

/** Which cluster a verb is for. */
export const forCluster = (
  { cloud }: Reads,
  cluster: Pick<Cluster, 'name' | 'region' | 'uid'>,
): Pick<Work, 'cluster' | 'region' | 'identity'> => ({
  cluster: cluster.name,
  region: cluster.region,
  identity: { cloud: cloud.id, project: cloud.project, uid: cluster.uid },
});
