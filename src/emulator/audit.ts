/** A request that changes something, as Google's audit log has it; told before it is carried out. */
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

/** Who asks beside the holder of the emulator's own secret, and who is told of every change. */
export interface Audit {
  /** Name of the caller with this token; undefined = nobody's. */
  readonly callerOf: (token: string) => string | undefined;
  readonly write: (entry: AuditEntry) => void;
}

/** The caller with the emulator's own secret. */
export const owner = 'owner';

const reading: readonly string[] = [
  'wait',
  'getHealth',
  'listInstances',
  'listManagedInstances',
  'getIamPolicy',
  'testIamPermissions',
];

/** Whether a request changes something; some that only ask are a POST all the same. */
export const changes = ({ method, verb }: Pick<AuditEntry, 'method' | 'verb'>): boolean =>
  method !== 'GET' && !reading.includes(verb);
