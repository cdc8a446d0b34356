import { createHash, randomBytes } from 'node:crypto';

/** The only source of randomness; tests inject a seeded one for reproducible runs. */
export interface Ids {
  /** `n` random bytes. */
  bytes(n: number): Uint8Array;
}

/** The operating system's randomness. */
export const systemIds: Ids = { bytes: (n) => randomBytes(n) };

/** Repeatable randomness for tests: a hash chain, not cryptographically meaningful. */
export const seededIds = (seed: string): Ids => {
  let counter = 0;
  return {
    bytes: (count) => {
      const out = new Uint8Array(count);
      for (let i = 0; i < count; i += 32) {
        out.set(
          createHash('sha256')
            .update(`${seed}/${counter++}`)
            .digest()
            .subarray(0, Math.min(32, count - i)),
          i,
        );
      }
      return out;
    },
  };
};

/** `length` characters from `alphabet` (at most 256 characters). The small modulo bias does not matter for names. */
export const randomText = (ids: Ids, length: number, alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'): string =>
  Array.from(ids.bytes(length), (b) => alphabet[b % alphabet.length]).join('');

/** A random whole number in [0, limit). */
export const randomBelow = (ids: Ids, limit: number): number => {
  const b = ids.bytes(6);
  return Buffer.from(b).readUIntBE(0, 6) % limit;
};

/** Random version 4 UUID. */
export const uuid4 = (ids: Ids): string => asUuid(Buffer.from(ids.bytes(16)), 4);

/** Name-based version 5 UUID (RFC 9562): the same parts yield the same ID on every computer. */
export const uuid5 = (...parts: string[]): string => {
  const hash = createHash('sha1').update(namespace);
  return asUuid(hash.update(parts.join('\n')).digest().subarray(0, 16), 5);
};

// Our own namespace, generated once.
const namespace = Buffer.from('0b8f6f1c5a5e4d1fa2d47e5c3b9a1d60', 'hex');

const asUuid = (raw: Buffer, version: number): string => {
  const b = Buffer.from(raw);
  b.writeUInt8((b.readUInt8(6) & 0x0f) | (version << 4), 6);
  b.writeUInt8((b.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = b.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};
