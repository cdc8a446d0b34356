import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestScope } from './apiRequest.ts';

/** An upgraded connection as it came. */
export interface Upgrade {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Hears of every change of the cluster. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The cluster as it is later. */
  readonly still: () => RequestScope | undefined;
}
