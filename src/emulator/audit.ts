/** A mutating request in the form of Google's audit log; written before it is carried out. */
export interface AuditEntry {
  /** Name of the caller by its token. */
  readonly caller: string;
  readonly method: string;
  readonly path: string;
  /** Collection in the path, API method, and name of the resource. */
  readonly kind: string;
  readonly verb: string;
  readonly name: string;
  readonly body: string;
  readonly requestId: string | undefined;
}

/** Callers besides the holder of the emulator's own secret, and the sink for every change. */
export interface Audit {
  /** Name of the caller with this token; undefined for an unknown token. */
  readonly callerOf: (token: string) => string | undefined;
  readonly write: (entry: AuditEntry) => void;
}

/** Name of the caller with the emulator's own secret. */
export const owner = 'owner';

const reading: readonly string[] = [
  'wait',
  'getHealth',
  'listInstances',
  'listManagedInstances',
  'getIamPolicy',
  'testIamPermissions',
];

/** Whether a request changes something; some read-only methods are POSTs. */
export const changes = ({ method, verb }: Pick<AuditEntry, 'method' | 'verb'>): boolean =>
  method !== 'GET' && !reading.includes(verb);
