import { OperatorError } from '../../lib/operatorError.ts';

type Json = unknown;
type Fields = Record<string, Json>;

const isFields = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON merge patch (RFC 7396). */
export const mergePatch = (before: Json, patch: Json): Json => merged(before, patch, false);

/** Strategic merge patch: lists of named items are merged by name, other lists are replaced. */
export const strategicPatch = (before: Json, patch: Json): Json => merged(before, patch, true);

const merged = (before: Json, patch: Json, byName: boolean): Json => {
  if (byName && Array.isArray(patch) && Array.isArray(before)) return mergedList(before, patch);
  if (!isFields(patch)) return patch;
  const result: Fields = isFields(before) ? { ...before } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (byName && key.startsWith('$')) continue; // ordering directives
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = merged(result[key], value, byName);
  }
  return result;
};

const nameOf = (item: Json): Json => (isFields(item) ? item.name : undefined);

const mergedList = (before: readonly Json[], patch: readonly Json[]): Json => {
  if (![...before, ...patch].every((item) => typeof nameOf(item) === 'string')) return patch;
  const isNew = (item: Json): boolean => !before.some((old) => nameOf(old) === nameOf(item));
  const kept = before.map((old) => {
    const change = patch.find((item) => nameOf(item) === nameOf(old));
    return change === undefined ? old : merged(old, change, true);
  });
  return [...kept, ...patch.filter(isNew)];
};

/** JSON patch (RFC 6902): add, replace, remove, and test. */
export const jsonPatch = (before: Json, patch: Json): Json => {
  if (!Array.isArray(patch)) throw new OperatorError('bad-request', 'a JSON patch is a list');
  return patch.reduce<Json>((now, step: Json) => {
    const { op, path, value } = isFields(step) ? step : {};
    const keys = String(path)
      .split('/')
      .slice(1)
      .map((k) => k.replaceAll('~1', '/').replaceAll('~0', '~'));
    return applied(now, keys, String(op), value);
  }, before);
};

const applied = (target: Json, [key, ...rest]: readonly string[], op: string, value: Json): Json => {
  if (key === undefined) return value;
  const copy: Fields | Json[] = Array.isArray(target)
    ? [...(target as Json[])]
    : { ...(isFields(target) ? target : {}) };
  if (Array.isArray(copy)) {
    const at = key === '-' ? copy.length : Number(key);
    if (rest.length > 0) copy[at] = applied(copy[at], rest, op, value);
    else copy.splice(at, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]));
    return copy;
  }
  if (rest.length > 0) copy[key] = applied(copy[key], rest, op, value);
  else if (op === 'test' && JSON.stringify(copy[key]) !== JSON.stringify(value))
    throw new OperatorError('bad-request', 'the server rejected our request due to an error in our request');
  else if (op === 'remove') Reflect.deleteProperty(copy, key);
  else if (op !== 'test') copy[key] = value;
  return copy;
};
