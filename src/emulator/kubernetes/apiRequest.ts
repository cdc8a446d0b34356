import type { GuestHost, GuestMachine } from '../guestRuntime.ts';
import type { ClusterView } from './clusterState.ts';
import type { ClusterChange } from './clusterStore.ts';
import type { ServedKind } from './resources.ts';

/** What a request is answered from: the cluster as this master knows it. */
export interface RequestScope {
  readonly host: GuestHost;
  readonly machine: GuestMachine;
  readonly view: ClusterView;
  /** Changes the cluster; false where there is no quorum. */
  readonly write: (change: ClusterChange) => boolean;
  /** The cluster as it is after a change. */
  readonly look: () => ClusterView | undefined;
}

/** A request without its connection. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly accept: string;
  /** Media type of the body. */
  readonly type: string;
  readonly body: string;
  /** Who the client certificate says it is; undefined = anonymous. */
  readonly user: { readonly name: string; readonly groups: readonly string[] } | undefined;
}

/** A list or one object of a kind, as the path names it. */
export interface RequestTarget {
  readonly resource: ServedKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** `eviction`, `log` and the like. */
  readonly sub?: string;
}
