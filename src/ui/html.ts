/** Text that is HTML already. Only `html` makes it, so that nothing reaches a webview unescaped. */
export class SafeHtml {
  readonly text: string;

  constructor(parts: readonly string[], values: readonly HtmlValue[]) {
    this.text = parts.reduce((all, part, i) => all + write(values[i - 1]) + part);
  }
}

/** What may stand in a template: texts and numbers are escaped, `SafeHtml` stays, lists are joined, undefined is nothing. */
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

/** The one way in which this extension writes HTML. Values belong into text or into quoted attributes, nowhere else. */
export const html = (parts: TemplateStringsArray, ...values: HtmlValue[]): SafeHtml => new SafeHtml(parts, values);
