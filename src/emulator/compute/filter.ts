import { ApiError } from '../http/apiError.ts';

/**
 * The subset of Compute Engine's filter language that our clients use: `a=b`, `a!=b`,
 * `a:b`, `a eq regex`, `a ne regex`, joined by AND or by adjacent parentheses. Anything
 * else is refused, so that no client relies on a filter without effect.
 */
export const compileFilter = (text: string): ((item: unknown) => boolean) => {
  const terms = splitTerms(text).map(compileTerm);
  return (item) => terms.every((term) => term(item));
};

const splitTerms = (text: string): string[] =>
  text
    .split(/\s+AND\s+|\)\s*\(/)
    .map((t) => t.trim().replace(/^\(+/, '').replace(/\)+$/, '').trim())
    .filter(Boolean);

const termPattern = /^([\w.-]+)\s*(=|!=|:|\seq\s|\sne\s)\s*(.+)$/;

const compileTerm = (text: string): ((item: unknown) => boolean) => {
  const match = termPattern.exec(text);
  const [, field = '', operator = '', raw = ''] = match ?? [];
  if (match === null) {
    throw new ApiError(400, 'invalid', `Invalid value for field 'filter': '${text}'. Invalid list filter expression.`);
  }
  const wanted = raw.trim().replace(/^(["'])(.*)\1$/, '$2');
  const test = comparison(operator.trim(), wanted);
  return (item) => test(fieldOf(item, field));
};

const comparison = (operator: string, wanted: string): ((value: string | undefined) => boolean) => {
  if (operator === 'eq' || operator === 'ne') {
    const pattern = new RegExp(`^(?:${wanted})$`);
    return (value) => pattern.test(value ?? '') === (operator === 'eq');
  }
  if (operator === ':') return (value) => value !== undefined && (wanted === '*' || value.includes(wanted));
  return (value) => (value === wanted) === (operator === '=');
};

const fieldOf = (item: unknown, path: string): string | undefined => {
  let at: unknown = item;
  for (const part of path.split('.')) at = (at as Readonly<Record<string, unknown>> | undefined)?.[part];
  return at === undefined || at === null ? undefined : typeof at === 'string' ? at : JSON.stringify(at);
};
