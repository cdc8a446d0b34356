import { type Cloud, newFingerprint } from '../cloud.ts';
import { omit } from '../omit.ts';
import { rpcError } from '../http/apiError.ts';

/** A stored secret, payloads included. */
export interface StoredSecret {
  readonly id: string;
  readonly createTime: string;
  readonly etag: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly versions: readonly SecretVersion[];
}

/** One version; a destroyed one has no payload. */
export interface SecretVersion {
  readonly number: number;
  readonly state: 'ENABLED' | 'DESTROYED';
  readonly createTime: string;
  readonly destroyTime?: string;
  readonly etag: string;
  /** base64 */
  readonly data?: string;
}

const table = 'secrets';

// Secret Manager's own limit.
const payloadLimit = 64 * 1024;

/** The secret with this ID. */
export const secretById = (cloud: Cloud, id: string): StoredSecret | undefined =>
  cloud.store.get<StoredSecret>(table, id);

/** All secrets in creation order. */
export const allSecrets = (cloud: Cloud): StoredSecret[] =>
  cloud.store.entries<StoredSecret>(table).map(([, secret]) => secret);

/** RFC 3339 as written by the services other than Compute Engine. */
export const zuluTime = (cloud: Cloud): string => new Date(cloud.clock.now()).toISOString();

/** Stores a secret. */
export const putSecret = (cloud: Cloud, secret: StoredSecret): void => cloud.store.put(table, secret.id, secret);

/** Removes a secret with all its versions. */
export const dropSecret = (cloud: Cloud, id: string): void => cloud.store.remove(table, id);

/** Adds a version with a base64 payload. */
export const addVersion = (cloud: Cloud, secret: StoredSecret, data: string): SecretVersion => {
  if (Buffer.from(data, 'base64').length > payloadLimit) {
    throw rpcError(400, 'INVALID_ARGUMENT', 'The Secret Payload exceeds the limit of 65536 bytes.');
  }
  const version: SecretVersion = {
    number: (secret.versions.at(-1)?.number ?? 0) + 1,
    state: 'ENABLED',
    createTime: zuluTime(cloud),
    etag: newFingerprint(cloud),
    data,
  };
  putSecret(cloud, { ...secret, versions: [...secret.versions, version] });
  return version;
};

/** Destroys a version: its payload is gone for good; the version stays in the list. */
export const destroyVersion = (cloud: Cloud, id: string, number: number): SecretVersion | undefined => {
  const secret = secretById(cloud, id);
  const found = secret?.versions.find((version) => version.number === number);
  if (secret === undefined || found === undefined) return undefined;
  const destroyed: SecretVersion = { ...omit(found, 'data'), state: 'DESTROYED', destroyTime: zuluTime(cloud) };
  putSecret(cloud, { ...secret, versions: secret.versions.map((x) => (x.number === number ? destroyed : x)) });
  return destroyed;
};

/** `latest` or a number → that version. As with Google, `latest` is the newest one, even if it is destroyed. */
export const versionNamed = (secret: StoredSecret, name: string): SecretVersion | undefined =>
  name === 'latest' ? secret.versions.at(-1) : secret.versions.find((version) => String(version.number) === name);
