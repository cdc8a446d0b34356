import type { GuestHost, GuestMachine } from '../guestRuntime.ts';
import type { ClusterView } from './clusterState.ts';
import type { ClusterChange } from './clusterStore.ts';
import type { ServedKind } from './resources.ts';

/** Context of a request: the cluster as this master sees it. */
export interface RequestScope {
  readonly host: GuestHost;
  readonly machine: GuestMachine;
  readonly view: ClusterView;
  /** Changes the cluster; false without quorum. */
  readonly write: (change: ClusterChange) => boolean;
  /** The cluster after a change. */
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
  /** Identity in the client certificate; undefined = anonymous. */
  readonly user: { readonly name: string; readonly groups: readonly string[] } | undefined;
}

/** A collection or one object of a kind, as the path names it. */
export interface RequestTarget {
  readonly resource: ServedKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** `eviction`, `log`, and the like. */
  readonly sub?: string;
}
