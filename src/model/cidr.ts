import { invalid } from '../lib/operatorError.ts';

/** An IPv4 range: first address as an unsigned number, and prefix length. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

const sizeOf = (prefix: number): number => 2 ** (32 - prefix);

/** An address in dotted decimal. */
export const formatIp = (n: number): string => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');

/** An address as a number; undefined if the text is not an address. No octal, no short forms. */
export const parseIp = (text: string): number | undefined => {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255)) return undefined;
  return parts.reduce((n, p) => n * 256 + Number(p), 0);
};

/** A range as `a.b.c.d/n`. */
export const formatCidr = (c: Cidr): string => `${formatIp(c.base)}/${c.prefix}`;

/** Parses `a.b.c.d/n`; rejects host bits and suggests the range that was probably meant. */
export const parseCidr = (text: string): Cidr => {
  const [address, length, ...rest] = text.split('/');
  const base = parseIp(address ?? '');
  const prefix = /^\d{1,2}$/.test(length ?? '') ? Number(length) : 33;
  if (base === undefined || prefix > 32 || rest.length > 0) {
    throw invalid(`Invalid CIDR range, expected a.b.c.d/n: "${text}"`, 'For example: 10.64.0.0/14');
  }
  const aligned = base - (base % sizeOf(prefix));
  if (aligned !== base) {
    throw invalid(`CIDR range has host bits set: ${text}`, `Did you mean ${formatCidr({ base: aligned, prefix })}?`);
  }
  return { base, prefix };
};

/** Whether two ranges share an address. */
export const overlaps = (left: Cidr, right: Cidr): boolean =>
  left.base < right.base + sizeOf(right.prefix) && right.base < left.base + sizeOf(left.prefix);

/** Whether `outer` holds all of `inner`. */
export const contains = (outer: Cidr, inner: Cidr): boolean =>
  outer.base <= inner.base && inner.base + sizeOf(inner.prefix) <= outer.base + sizeOf(outer.prefix);

// RFC 1918, plus 100.64.0.0/10 (RFC 6598), which Google also allows for subnets.
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/** Rejects a range that is not private: it would hide a part of the internet from the cluster. */
export const checkPrivate = (what: string, text: string): Cidr => {
  const range = parseCidr(text);
  if (!privateRanges.some((p) => contains(parseCidr(p), range))) {
    throw invalid(`${what} must be private (${privateRanges.join(', ')}): ${text}`, 'For example: 10.64.0.0/14');
  }
  return range;
};

/** How many /24 ranges (one per machine) fit into a pod range. */
export const machinesIn = (pods: Cidr): number => Math.floor(sizeOf(pods.prefix) / 256);
