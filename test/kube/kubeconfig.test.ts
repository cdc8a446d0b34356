import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { changeKubeconfigFile, mergeEntries, removeEntries, setProxy } from '../../src/kube/kubeconfig.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';

const admin = `apiVersion: v1
kind: Config
clusters:
- name: kubernetes
  cluster: { server: https://34.1.2.3, certificate-authority-data: Q0E= }
users:
- name: kubernetes-admin
  user: { client-certificate-data: QQ==, client-key-data: Qg== }
contexts:
- name: admin@kubernetes
  context: { cluster: kubernetes, user: kubernetes-admin }
current-context: admin@kubernetes
`;

const lists = ['clusters', 'users', 'contexts'] as const;
interface Config {
  readonly [key: string]: unknown;
  readonly clusters: { name: string; cluster: Record<string, unknown> }[];
  readonly users: { name: string }[];
  readonly contexts: { name: string; context: Record<string, unknown> }[];
}
const load = (text: string): Config => parse(text) as Config; // null for an empty text

// Foreign kubeconfigs as people and tools write them: any indentation, comments anywhere, unknown keys, both line ends.
const foreign = fc
  .record({
    entries: fc.integer({ min: 1, max: 3 }),
    indent: fc.constantFrom('', '  ', '    '),
    gap: fc.constantFrom('', '# a comment\n', '\n', '\n# one\n# two\n'),
    trailing: fc.constantFrom('', ' # why'),
    order: fc.constantFrom<readonly number[]>([0, 1, 2], [2, 0, 1], [1, 2, 0]),
    head: fc.constantFrom('', '# mine\n', 'apiVersion: v1\nkind: Config\npreferences: {}\n', '---\napiVersion: v1\n'),
    tail: fc.constantFrom(
      '',
      'current-context: c0\n',
      'x-own:\n  deep: [1, 2]\n',
      '# the end\n',
      'current-context: "c0"',
    ),
    crlf: fc.boolean(),
  })
  .map(({ entries, indent, gap, trailing, order, head, tail, crlf }) => {
    const list = (key: string): string => {
      const one = key.slice(0, -1);
      const items = Array.from({ length: entries }, (_, i) =>
        [
          `${gap}${indent}- ${one}:`,
          `${indent}    server: "https://h${i}"${trailing}`,
          `${indent}  name: c${i}`,
          '',
        ].join('\n'),
      );
      return `${key}:\n${items.join('')}`;
    };
    const text = head + order.map((n) => list(lists[n] ?? '')).join('') + tail;
    return crlf ? text.replaceAll('\n', '\r\n') : text;
  });

test('adding and then removing leaves a foreign kubeconfig byte for byte as it was', () => {
  fc.assert(
    fc.property(foreign, (own) => {
      const added = mergeEntries(own, admin, 'demo_kubernetes', false);
      for (const list of lists) assert.ok(load(added)[list].some((e) => e.name === 'demo_kubernetes'));
      assert.equal(removeEntries(added, 'demo_kubernetes'), own);
    }),
    { numRuns: 150 },
  );
});

test('adding changes no line of the others and says what was added', () => {
  fc.assert(
    fc.property(foreign, (own) => {
      const added = mergeEntries(own, admin, 'demo_kubernetes', true);
      const before = load(own);
      const after = load(added);
      for (const list of lists) assert.deepEqual(after[list].slice(0, -1), before[list]);
      assert.deepEqual(after.clusters.at(-1)?.cluster, load(admin).clusters[0]?.cluster);
      const context = { cluster: 'demo_kubernetes', user: 'demo_kubernetes' };
      assert.deepEqual(after.contexts.at(-1)?.context, context);
      assert.equal(after['current-context'], 'demo_kubernetes');
      const kept = own.split(/\r?\n/).filter((line) => !line.startsWith('current-context'));
      for (const line of kept) assert.ok(added.includes(line), line);
    }),
    { numRuns: 150 },
  );
});

test('merging twice is the same as once', () => {
  fc.assert(
    fc.property(foreign, (own) => {
      const once = mergeEntries(own, admin, 'demo_kubernetes', true);
      assert.equal(mergeEntries(once, admin, 'demo_kubernetes', true), once);
    }),
  );
});

for (const [what, own] of [
  ['nothing', ''],
  ['only a comment', '# my file\n'],
  ['empty lists', 'apiVersion: v1\nclusters: []\ncontexts: null\nusers:\ncurrent-context: ""\n'],
  [
    'JSON',
    '{"apiVersion": "v1", "clusters": [{"name": "a", "cluster": {"server": "https://a"}}], "users": [], "contexts": []}',
  ],
] as const) {
  test(`adds to a kubeconfig with ${what}, and removes again`, () => {
    const added = mergeEntries(own, admin, 'demo_kubernetes', true);
    assert.equal(load(added)['current-context'], 'demo_kubernetes');
    assert.equal(load(added).apiVersion, 'v1');
    const removed = removeEntries(added, 'demo_kubernetes');
    for (const list of lists) assert.ok(load(removed)[list].every((e) => e.name !== 'demo_kubernetes'));
    assert.equal(load(removed)['current-context'], '');
    if (own.startsWith('#')) assert.ok(removed.startsWith(own));
  });
}

test('removing what is not there changes nothing', () => {
  assert.equal(removeEntries(admin, 'demo_other'), admin);
});

test('names the place where a kubeconfig is broken', () => {
  assert.throws(
    () => mergeEntries('clusters:\n- name: a\n  cluster: {\n', admin, 'x', false),
    (e) => OperatorError.is(e, 'invalid-input') && e.message.includes('line 4, column 1'),
  );
  assert.throws(() => mergeEntries('clusters: 7\n', admin, 'x', false), /Invalid kubeconfig: clusters/);
});

test('puts the proxy into the current cluster only', () => {
  const two = mergeEntries(admin, admin.replace('34.1.2.3', '34.9.9.9'), 'other', false);
  const { clusters } = load(setProxy(two, 'http://trizone:secret@127.0.0.1:4711'));
  assert.deepEqual(
    clusters.map((c) => [c.name, c.cluster['proxy-url']]),
    [
      ['kubernetes', 'http://trizone:secret@127.0.0.1:4711'],
      ['other', undefined],
    ],
  );
  assert.equal(clusters[0]?.cluster['certificate-authority-data'], 'Q0E=');
});

test('writes a new file for its owner only and keeps the mode of one that is there, through a symbolic link, and leaves no lock', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const real = join(folder, 'real');
  const link = join(folder, 'config');
  writeFileSync(real, admin, { mode: 0o640 });
  symlinkSync(real, link);
  changeKubeconfigFile(link, (own) => mergeEntries(own, admin, 'demo_kubernetes', false));
  assert.equal(readlinkSync(link), real);
  assert.equal(load(readFileSync(real, 'utf8')).clusters.length, 2);
  assert.equal(statSync(real).mode & 0o777, 0o640);
  changeKubeconfigFile(join(folder, 'new'), () => admin);
  assert.equal(statSync(join(folder, 'new')).mode & 0o777, 0o600);
  assert.throws(() => statSync(`${link}.lock`), /ENOENT/);
});

test('respects the lock of another program, and says which file to delete if it is left over', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'sub', 'config');
  changeKubeconfigFile(file, () => admin);
  writeFileSync(`${file}.lock`, '');
  assert.throws(
    () => changeKubeconfigFile(file, () => ''),
    (e) => OperatorError.is(e, 'conflict') && (e.remedy ?? '').includes(`${file}.lock`),
  );
  assert.equal(readFileSync(file, 'utf8'), admin);
});

const badConfigs: [what: string, text: string, says: RegExp][] = [
  ['joined files', `${admin}---\n${admin}`, /line \d+, column 1: a second document starts here/],
  ['two files without a seam', `${admin}${admin}`, /line \d+, column 1: duplicate key/],
  ['a tab', 'clusters:\n\t- name: a\n', /line 2, column 1: indented with a tab/],
  ['an alias to nowhere', 'clusters: *none\n', /undefined alias \(\*NAME\)/],
  ['an open bracket', 'clusters: [', /line 1, column 12: .*an unclosed bracket or quote/],
  [
    'duplicates',
    'users: [{name: b, user: {}}, {name: b, user: {}}]\ncontexts: [{name: c, context: {}}, {name: c, context: {}}]\n',
    /duplicate names: user "b", context "c" \(/,
  ],
];

for (const [what, text, says] of badConfigs) {
  test(`a kubeconfig with ${what} is refused in our words, with its place and its file, and stays as it is`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'trizone-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'config');
    writeFileSync(file, text);
    assert.throws(
      () => changeKubeconfigFile(file, (own) => mergeEntries(own, admin, 'demo_kubernetes', false)),
      (e) => {
        assert.ok(OperatorError.is(e, 'invalid-input'));
        assert.match(e.message, says);
        assert.ok(e.message.endsWith(`(${file})`), e.message);
        assert.doesNotMatch(e.message, /YAML\.|parse[A-Z]/);
        return true;
      },
    );
    assert.equal(readFileSync(file, 'utf8'), text);
  });
}

const anchored = `clusters:
# ours
- name: demo_kubernetes
  cluster: &c {server: https://old}
# theirs
- name: y
  cluster: *c
- name: z
  cluster: *c
users: []
contexts: []
`;

test('an anchor that others use moves to the first of them when its entry is replaced or removed', () => {
  for (const change of [
    (own: string) => mergeEntries(own, admin, 'demo_kubernetes', false),
    (own: string) => removeEntries(own, 'demo_kubernetes'),
  ]) {
    const after = change(anchored);
    const clusters = new Map(load(after).clusters.map((c) => [c.name, c.cluster.server]));
    assert.deepEqual([clusters.get('y'), clusters.get('z')], ['https://old', 'https://old'], after);
    assert.notEqual(clusters.get('demo_kubernetes'), 'https://old');
    assert.match(
      after,
      /# theirs\n- name: y\n {2}cluster: &c \{ server: "https:\/\/old" \}\n- name: z\n {2}cluster: \*c\n/,
    );
  }
});

test('anchors on the whole entry, inside of it, and one in another move too; the rest says what it said', () => {
  const inner = anchored
    .replace('&c {server: https://old}', '{server: &s https://old, proxy-url: *s}')
    .replaceAll('*c', '{server: *s}');
  const nested = anchored
    .replace('&c {server: https://old}', '&c\n    server: &s https://old')
    .replace('cluster: *c\n- name: z', 'cluster: {server: *s}\n- name: z');
  for (const own of [inner, nested]) {
    const after = mergeEntries(own, admin, 'demo_kubernetes', false);
    const was = load(own).clusters.slice(1);
    assert.deepEqual(
      load(after).clusters.filter((c) => c.name !== 'demo_kubernetes'),
      was,
      after,
    );
  }
});

test('a kubeconfig of comments and separators only is as good as an empty one, and the comments stay', () => {
  for (const own of ['# hi\n---\n# ho\n', '---\n', '# hi\n---', '%YAML 1.2\n---\n# ho\n', '# hi\n---\n# ho\n...\n']) {
    const added = mergeEntries(own, admin, 'demo_kubernetes', true);
    assert.equal(load(added)['current-context'], 'demo_kubernetes', added);
    assert.equal(load(added).apiVersion, 'v1', added);
    for (const comment of own.match(/#.*/g) ?? []) assert.ok(added.includes(comment), added);
    assert.equal(load(removeEntries(added, 'demo_kubernetes'))['current-context'], '');
  }
});

test('bytes that are not UTF-8 are refused in our words, and nothing is written', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'config');
  const bytes = Buffer.from(`# caf\xe9\n${admin}`, 'latin1');
  writeFileSync(file, bytes);
  assert.throws(() => changeKubeconfigFile(file, (own) => mergeEntries(own, admin, 'demo_kubernetes', false)), {
    code: 'invalid-input',
    message: `Invalid kubeconfig: line 1 is not valid UTF-8 (${file})`,
    remedy: 'Save it as UTF-8 first.',
  });
  assert.deepEqual(readFileSync(file), bytes);
});

test('a byte order mark stays where it is', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'config');
  writeFileSync(file, `\ufeff${admin}`);
  changeKubeconfigFile(file, (own) => mergeEntries(own, admin, 'demo_kubernetes', false));
  assert.ok(readFileSync(file, 'utf8').startsWith('\ufeffapiVersion: v1\n'));
});

test('an anchor of a list or of the current context, and a name by an alias, are seen for what they are', () => {
  const own = 'clusters: &l []\nx-a: *l\nusers: []\ncontexts: []\ncurrent-context: &n demo_kubernetes\nx-b: *n\n';
  const after = mergeEntries(own, admin.replaceAll('admin@kubernetes', 'other'), 'second', true);
  assert.equal(load(after)['x-b'], 'demo_kubernetes', after);
  assert.equal(load(after)['current-context'], 'second');
  const byAlias = `x: &n demo_kubernetes\n${anchored.replace('- name: demo_kubernetes', '- name: *n').replaceAll('*c', '{}')}`;
  const merged = load(mergeEntries(byAlias, admin, 'demo_kubernetes', false));
  assert.deepEqual(
    merged.clusters.map((c) => c.name),
    ['demo_kubernetes', 'y', 'z'],
  );
});

test('what is no regular file is refused before it is opened: a merge changes a file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  // In a process of its own: what is wrong waits for a writer without an end.
  const lib = join(import.meta.dirname, '..', '..', 'src', 'kube', 'kubeconfig.ts');
  const script = `import { changeKubeconfigFile, removeFromKubeconfigFile } from ${JSON.stringify(lib)};
    for (const file of process.argv.slice(1)) {
      try { changeKubeconfigFile(file, () => 'changed'); } catch (e) { console.log(e.code, e.message, e.remedy); }
      console.log(removeFromKubeconfigFile(file, 'demo_kubernetes'));
    }`;
  const command = ['-c', '"$@" 3</dev/null', 'sh', process.execPath, '--input-type=module', '-e', script];
  const { stdout, error } = spawnSync('sh', [...command, pipe, '/dev/fd/3'], { encoding: 'utf8', timeout: 20_000 });
  assert.equal(error, undefined);
  const refusal = (file: string): string =>
    `invalid-input Cannot merge into a pipe or a device: ${file} Set KUBECONFIG to a file.\nfalse\n`;
  assert.equal(stdout, refusal(pipe) + refusal('/dev/fd/3'));
});

test('a file with CRLF has no other line end after a merge, with empty lists and a missing last one too', () => {
  for (const own of [
    'apiVersion: v1\nclusters: []\nusers:\ncontexts: []\ncurrent-context: ""\n',
    'clusters: []\nkind: Config',
  ]) {
    const added = mergeEntries(own.replaceAll('\n', '\r\n'), admin, 'demo_kubernetes', true);
    for (const text of [added, removeEntries(added, 'demo_kubernetes')]) assert.doesNotMatch(text, /(?<!\r)\n/);
    assert.equal(load(added)['current-context'], 'demo_kubernetes');
  }
});
