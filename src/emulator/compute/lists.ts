import { invalidField } from '../http/apiError.ts';
import { compileFilter } from './filter.ts';

/** Largest page, and the default (Compute Engine's own: 500). */
const pageLimit = 500;

/** One page of `items`, after the query's filter; the token is the index of the next page. */
export const pageOf = <T>(
  items: readonly T[],
  query: Readonly<Record<string, string>>,
): { page: T[]; nextPageToken?: string } => {
  const kept = query.filter ? items.filter(compileFilter(query.filter)) : [...items];
  const size = query.maxResults === undefined ? pageLimit : Number(query.maxResults);
  if (size < 0 || size > pageLimit) {
    throw invalidField('maxResults', size, `Value must be between 0 and ${pageLimit}.`);
  }
  const from = startOf(query.pageToken);
  const to = from + (size === 0 ? pageLimit : size);
  return { page: kept.slice(from, to), ...(to < kept.length && { nextPageToken: tokenOf(to) }) };
};

const tokenOf = (from: number): string => Buffer.from(`from:${from}`).toString('base64url');

const startOf = (token: string | undefined): number => {
  if (!token) return 0;
  const match = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (match === null) throw invalidField('pageToken', token, 'Page token is invalid.');
  return Number(match[1]);
};

/** Answer of a list method. */
export const listAnswer = (
  kind: string,
  selfLink: string,
  items: readonly unknown[],
  query: Readonly<Record<string, string>>,
): unknown => {
  const { page, nextPageToken } = pageOf(items, query);
  return {
    kind,
    id: selfLink.replace(/^.*\/compute\/v1\//, ''),
    ...(page.length > 0 && { items: page }),
    selfLink,
    ...(nextPageToken !== undefined && { nextPageToken }),
  };
};

/** Answer of an aggregated list: items by scope, and a warning for every empty scope. */
export const aggregatedAnswer = (
  kind: string,
  selfLink: string,
  collection: string,
  scopes: readonly string[],
  items: readonly { readonly scope: string; readonly item: object }[],
  query: Readonly<Record<string, string>>,
): { readonly items: Readonly<Record<string, unknown>>; readonly [field: string]: unknown } => {
  const byItem = new Map(items.map(({ item, scope }) => [item, scope]));
  const { page, nextPageToken } = pageOf(
    items.map(({ item }) => item),
    query,
  );
  const groups = new Map<string, object[]>();
  for (const item of page) {
    const scope = byItem.get(item) ?? 'global';
    groups.set(scope, [...(groups.get(scope) ?? []), item]);
  }
  const answered = Object.fromEntries(
    scopes.map((scope) => {
      const members = groups.get(scope);
      return [scope, members === undefined ? noResults(scope) : { [collection]: members }];
    }),
  );
  return {
    kind,
    id: selfLink.replace(/^.*\/compute\/v1\//, ''),
    items: answered,
    selfLink,
    ...(nextPageToken !== undefined && { nextPageToken }),
  };
};

/** Entry for a scope that does not answer, for requests that accept partial success. */
export const unreachableScope = (scope: string): unknown => ({
  warning: {
    code: 'UNREACHABLE',
    message: `Scope '${scope}' is unreachable.`,
    data: [{ key: 'scope', value: scope }],
  },
});

const noResults = (scope: string): unknown => ({
  warning: {
    code: 'NO_RESULTS_ON_PAGE',
    message: `There are no results for scope '${scope}' on this page.`,
    data: [{ key: 'scope', value: scope }],
  },
});
