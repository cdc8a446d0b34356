/** An IPv4 range as numbers: first address and number of addresses. */
export interface Range {
  readonly first: number;
  readonly size: number;
}

/** Dotted text → number; undefined if it is not an IPv4 address. */
export const addressNumber = (text: string): number | undefined => {
  const parts = text.split('.').map((p) => (/^\d{1,3}$/.test(p) ? Number(p) : 256));
  if (parts.length !== 4 || parts.some((p) => p > 255)) return undefined;
  return parts.reduce((sum, p) => sum * 256 + p, 0);
};

/** Number → dotted text. */
export const addressText = (n: number): string => [24, 16, 8, 0].map((s) => Math.floor(n / 2 ** s) % 256).join('.');

/** `10.0.0.0/8` → range; undefined if it is malformed or has host bits. */
export const parseRange = (text: string): Range | undefined => {
  const [address = '', bits = ''] = text.split('/');
  const first = addressNumber(address);
  if (first === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  return first % size === 0 ? { first, size } : undefined;
};

/** The inverse of `parseRange`. */
export const cidrText = (range: Range): string => `${addressText(range.first)}/${32 - Math.log2(range.size)}`;

/** Whether two ranges share an address. */
export const rangesOverlap = (a: Range, b: Range): boolean => a.first < b.first + b.size && b.first < a.first + a.size;

/** Whether an address lies in a range. */
export const containsAddress = (range: Range, address: number): boolean =>
  address >= range.first && address < range.first + range.size;

/** The first block of `size` addresses in the range that does not overlap a taken one. */
export const firstFree = (range: Range, size: number, taken: readonly Range[]): Range | undefined => {
  for (let first = range.first; first + size <= range.first + range.size; first += size) {
    const block = { first, size };
    if (!taken.some((t) => rangesOverlap(t, block))) return block;
  }
  return undefined;
};
