import { ApiError } from '../http/apiError.ts';

/** Fields to keep, by name; `*` matches every name. An empty mask keeps everything below. */
interface Mask {
  readonly [name: string]: Mask;
}

// Google's partial answers: only the fields in the query parameter
// `fields`, for example nextPageToken,items/*/instances(name,zone).
/** Reduces an answer to the query parameter `fields`. Lists are traversed; parentheses hold sub-selectors. */
export const partialAnswer = (answer: unknown, fields: string | undefined): unknown =>
  fields === undefined || fields === '' ? answer : keep(answer, parseMask(fields));

const keep = (value: unknown, mask: Mask): unknown => {
  if (Object.keys(mask).length === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => keep(one, mask));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, content]) => {
      const below = mask[name] ?? mask['*'];
      return below === undefined ? [] : [[name, keep(content, below)]];
    }),
  );
};

const parseMask = (fields: string): Mask => {
  const tokens = fields.match(/[^,()/]+|[,()/]/g) ?? [];
  let at = 0;
  const bad = (): ApiError => new ApiError(400, 'invalidParameter', `Invalid field selection ${fields}`);
  const selection = (): Mask => {
    let all: Mask = {};
    do all = merged(all, path());
    while (tokens[at] === ',' && at++ >= 0);
    return all;
  };
  const path = (): Mask => {
    const name = tokens[at++];
    if (name === undefined || /^[,()/]$/.test(name)) throw bad();
    if (tokens[at] === '/') {
      at++;
      return { [name]: path() };
    }
    if (tokens[at] !== '(') return { [name]: {} };
    at++;
    const below = selection();
    if (tokens[at++] !== ')') throw bad();
    return { [name]: below };
  };
  const mask = selection();
  if (at !== tokens.length) throw bad();
  return mask;
};

const merged = (left: Mask, right: Mask): Mask => {
  const both = { ...left };
  for (const [name, below] of Object.entries(right)) {
    const known = both[name];
    const isWhole = [known, below].some((m) => m !== undefined && Object.keys(m).length === 0);
    both[name] = known === undefined ? below : isWhole ? {} : merged(known, below);
  }
  return both;
};
