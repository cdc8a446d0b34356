import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestScope } from './apiRequest.ts';

/** An upgraded connection as received. */
export interface Upgrade {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Subscribes to every change of the cluster. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The cluster at the time of the call. */
  readonly still: () => RequestScope | undefined;
}
