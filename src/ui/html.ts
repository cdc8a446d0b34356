/** Text that is already HTML. Only `html` creates it, so that nothing reaches a webview unescaped. */
export class SafeHtml {
  readonly text: string;

  constructor(parts: readonly string[], values: readonly HtmlValue[]) {
    this.text = parts.reduce((all, part, i) => all + write(values[i - 1]) + part);
  }
}

/**
 * Values allowed in a template: strings and numbers are escaped,
 * `SafeHtml` is kept, lists are joined, undefined is empty.
 */
export type HtmlValue = string | number | SafeHtml | readonly HtmlValue[] | undefined;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

const write = (value: HtmlValue): string => {
  if (value === undefined) return '';
  if (value instanceof SafeHtml) return value.text;
  if (typeof value === 'object') return value.map(write).join('');
  return String(value).replaceAll(/[&<>"'`]/g, (c) => entities[c] ?? c);
};

/** The only way this extension writes HTML. Values are allowed in text or quoted attributes, nowhere else. */
export const html = (parts: TemplateStringsArray, ...values: HtmlValue[]): SafeHtml => new SafeHtml(parts, values);
