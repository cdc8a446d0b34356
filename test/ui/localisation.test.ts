import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import test from 'node:test';
import ts from 'typescript';
import * as v from 'valibot';
import { poolFields } from '../../src/model/poolOptions.ts';
import { removalTexts } from '../../src/steps/resource.ts';
import { verbs } from '../../src/verbs/registry.ts';

const texts = v.record(v.string(), v.string());
const read = (file: string): Record<string, string> => v.parse(texts, JSON.parse(readFileSync(file, 'utf8')));
const languages = ['zh-cn'];

/** One call of `t(…)`, `x.t(…)` or `l10n.t(…)`. */
interface Call {
  readonly where: string;
  /** Undefined where the first argument is no literal: it could be found in no bundle. */
  readonly message: string | undefined;
  readonly given: number;
}

const isTranslate = (callee: ts.Expression): boolean =>
  (ts.isIdentifier(callee) && callee.text === 't') ||
  (ts.isPropertyAccessExpression(callee) && callee.name.text === 't');

const callsOf = (file: string, text: string, isCall = isTranslate): Call[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const calls: Call[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isCall(node.expression)) {
      const [first, ...rest] = node.arguments;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      const message = first !== undefined && ts.isStringLiteralLike(first) ? first.text : undefined;
      const given = rest.some((a) => ts.isSpreadElement(a)) ? Infinity : rest.length;
      calls.push({ where: `${file}:${line + 1}`, message, given });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return calls;
};

// What verbs and options say in the editor: constants of its value, and the messages that its file makes.
const saidByVerbs = (): string[] => [
  ...poolFields.map((f) => f.title),
  ...verbs.flatMap(({ label, target, palette }) => [
    label,
    ...('question' in target && palette !== undefined ? [target.question] : []),
    ...(palette === undefined ? [] : [palette.button, ...(palette.nodes === undefined ? [] : [palette.nodes])]),
    ...(palette?.ways === undefined
      ? []
      : [palette.ways.question, ...[palette.ways.here, palette.ways.elsewhere].flatMap((w) => [w.label, w.detail])]),
  ]),
];

const isMessage = (callee: ts.Expression): boolean => ts.isIdentifier(callee) && callee.text === 'message';

// Titles of verbs and steps stand where they are made, apart from the window that translates them.
const messageCalls = (): Call[] =>
  globSync('src/{verbs,steps,workflows}/*.ts').flatMap((file) => callsOf(file, readFileSync(file, 'utf8'), isMessage));

const allCalls = (): Call[] => [
  ...['src/extension.ts', ...globSync('src/ui/**/*.ts')].flatMap((file) => callsOf(file, readFileSync(file, 'utf8'))),
  ...messageCalls(),
];

const placeholders = (message: string): string[] => [...new Set(message.match(/\{\d+\}/g))].sort();
const differ = (ours: Record<string, string>, english: (key: string) => string): string[] =>
  Object.entries(ours)
    .filter(([key, text]) => text.trim() === '' || placeholders(text).join() !== placeholders(english(key)).join())
    .map(([key]) => key);

test('every text of the editor is a literal, and every placeholder of it is given a value', () => {
  const calls = allCalls();
  assert.ok(calls.length > 100, `only ${calls.length} calls found`);
  assert.deepEqual(
    calls.filter((c) => c.message === undefined).map((c) => c.where),
    [],
    'the first argument must be a literal',
  );
  const wrong = calls.filter((c) => c.given !== Infinity && placeholders(c.message ?? '').length !== c.given);
  assert.deepEqual(
    wrong.map((c) => c.where),
    [],
    'placeholders and values differ in number',
  );
});

test('the collector sees what it must see', () => {
  const calls = callsOf(
    'x.ts',
    "t('a'); s.t('b {0}', 1); vscode.l10n.t(`c`); t(name); t(`d${x}`); at('e'); t('f', ...all);",
  );
  assert.deepEqual(
    calls.map((c) => [c.message, c.given]),
    [
      ['a', 0],
      ['b {0}', 1],
      ['c', 0],
      [undefined, 0],
      [undefined, 0],
      ['f', Infinity],
    ],
  );
});

for (const language of languages) {
  test(`${language}: the bundle has every text of the editor, no other, with the same placeholders`, () => {
    const bundle = read(`l10n/bundle.l10n.${language}.json`);
    const messages = new Set([...allCalls().flatMap((c) => c.message ?? []), ...saidByVerbs(), ...removalTexts()]);
    assert.deepEqual(
      [...messages].filter((m) => !(m in bundle)),
      [],
      'not translated',
    );
    assert.deepEqual(
      Object.keys(bundle).filter((m) => !messages.has(m)),
      [],
      'translated, but used nowhere',
    );
    assert.deepEqual(
      differ(bundle, (key) => key),
      [],
      'placeholders differ',
    );
  });

  test(`${language}: the manifest's texts are all there, with the same links`, () => {
    const english = read('package.nls.json');
    const ours = read(`package.nls.${language}.json`);
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(english).sort());
    const links = (text = ''): string[] => (text.match(/\]\([^)]*\)|`[^`]*`/g) ?? []).sort();
    const wrong = Object.keys(english).filter((key) => links(ours[key]).join() !== links(english[key]).join());
    assert.deepEqual(wrong, [], 'links or code differ');
  });
}

test('package.json uses every text of package.nls.json, and no other', () => {
  const used = new Set([...readFileSync('package.json', 'utf8').matchAll(/"%([^%"]+)%"/g)].map((m) => m[1]));
  const keys = Object.keys(read('package.nls.json'));
  assert.deepEqual([...used].sort(), keys.toSorted());
});

test('no key stands twice in a file', () => {
  for (const file of ['package.nls.json', ...globSync('package.nls.*.json'), ...globSync('l10n/*.json')]) {
    const { statements } = ts.parseJsonText(file, readFileSync(file, 'utf8'));
    const object = statements[0]?.expression;
    assert.ok(object !== undefined && ts.isObjectLiteralExpression(object));
    const keys = object.properties.map((p) => (p.name !== undefined && ts.isStringLiteral(p.name) ? p.name.text : ''));
    assert.deepEqual(
      keys.filter((k, i) => keys.indexOf(k) !== i),
      [],
      file,
    );
  }
});
