import assert from 'node:assert/strict';
import test from 'node:test';
import { html } from '../../src/ui/html.ts';

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title><svg/onload=alert(1)>',
  '&lt;b&gt;',
  '`${alert(1)}`',
  '<!--',
];

for (const name of hostile) {
  test(`a hostile name stays a text: ${name}`, () => {
    const { text } = html`<p title="${name}">${name}</p>`;
    const [, inside = ''] = /^<p title="([^]*)<\/p>$/.exec(text) ?? [];
    const [attribute, content] = inside.split('">');
    for (const part of [attribute, content]) {
      assert.ok(part !== undefined, `broke out of its place: ${text}`);
      assert.doesNotMatch(part, /[<>"'`]/);
      assert.equal(decode(part), name);
    }
  });
}

const decode = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#96;', '`')
    .replaceAll('&amp;', '&');

test('templates nest without being escaped twice, lists are joined, nothing is nothing', () => {
  const items = ['a', '<b>'].map((x) => html`<li>${x}</li>`);
  assert.equal(
    html`<ul>
      ${items}${undefined}
    </ul>`.text.replaceAll(/\s+/g, ''),
    '<ul><li>a</li><li>&lt;b&gt;</li></ul>',
  );
  assert.equal(html`${1}${['x', '&']}`.text, '1x&amp;');
});
