import * as v from 'valibot';
import { linkName, shortLink } from '../model/links.ts';

// Fields that Google omits have a plain default ('' 0 false [] {}), so that readers need no check.

/** Text, '' where absent. */
export const textField = v.nullish(v.string(), '');

/** Boolean, false where absent. */
export const booleanField = v.nullish(v.boolean(), false);

/** Strings, [] where absent. */
export const texts = v.nullish(v.array(v.string()), []);

/** Number, 0 where absent; Google encodes 64-bit ones as strings. */
export const count = v.pipe(v.nullish(v.union([v.number(), v.string()]), 0), v.transform(Number));

/** Labels and similar maps, {} where absent. */
export const textMap = v.nullish(v.record(v.string(), v.string()), {});

/** Reference to another resource as `projects/…`, '' where absent. */
export const linkField = v.pipe(textField, v.transform(shortLink));

/** References as `projects/…`. */
export const links = v.pipe(
  texts,
  v.transform((all) => all.map(shortLink)),
);

/** Bare name of a reference's target. */
export const short = v.pipe(textField, v.transform(linkName));

/** Bare name of a zone or region; undefined if absent. */
export const scope = v.pipe(
  textField,
  v.transform((url) => (url === '' ? undefined : linkName(url))),
);

/** RFC 3339 timestamp as milliseconds since the epoch, 0 where absent. */
export const instant = v.pipe(
  textField,
  v.transform((stamp) => (stamp === '' ? 0 : Date.parse(stamp))),
);

/** A list of objects, [] where absent. */
export const listOf = <S extends v.GenericSchema>(item: S) => v.nullish(v.array(item), []);

/** Instance metadata: Google's list of pairs as a map. */
export const metadata = v.pipe(
  v.nullish(v.object({ items: listOf(v.object({ key: v.string(), value: textField })) }), {}),
  v.transform((m): Record<string, string> => Object.fromEntries(m.items.map((i) => [i.key, i.value]))),
);

/** Network tags. */
export const tags = v.pipe(
  v.nullish(v.object({ items: texts }), {}),
  v.transform((t) => t.items),
);

/** Quotas of a project or region. */
export const quotas = listOf(v.object({ metric: v.string(), limit: count, usage: count }));

/** Counts by name; the decoder's twin entries (`_none: 'none'`) are not numbers and are dropped. */
export const counts = v.pipe(
  v.nullish(v.record(v.string(), v.unknown()), {}),
  v.transform((all): Record<string, number> =>
    Object.fromEntries(Object.entries(all).filter((e): e is [string, number] => typeof e[1] === 'number')),
  ),
);

/** Email of an instance's first service account. */
export const firstServiceAccount = v.pipe(
  listOf(v.object({ email: textField })),
  v.transform((all) => all[0]?.email ?? ''),
);

const base = {
  name: v.string(),
  selfLink: linkField,
  description: textField,
  zone: scope,
  region: scope,
  created: instant,
};

/**
 * A narrow view of one kind of resource: `own` are its fields; `sources` maps a field to the API's name where it
 * differs. Everything else that Google sends is dropped. References are `projects/…` links (compare and send them as
 * they are); zone, region, machineType, and disk type are bare names; absent text is '', absent labels are {}.
 */
export const resource = <const E extends v.ObjectEntries>(own: E, sources: { readonly [F in keyof E]?: string } = {}) =>
  v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((raw): Record<string, unknown> => {
      const moved = Object.entries<string | undefined>({ ...sources, created: 'creationTimestamp' });
      return { ...raw, ...Object.fromEntries(moved.map(([field, source]) => [field, raw[source ?? field]])) };
    }),
    v.object({ ...base, ...own }),
  );
