import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import test from 'node:test';

const named = (text: string): string[] =>
  [...text.matchAll(/`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|cjs|js|md|json))`/g)].flatMap((m) => m[1] ?? []);

test('every file that ARCHITECTURE.md names is there', () => {
  const files = named(readFileSync('ARCHITECTURE.md', 'utf8'));
  assert.ok(files.length > 40, `only ${files.length} found`);
  const isThere = (file: string): boolean => existsSync(file) || existsSync(`src/${file}`);
  assert.deepEqual(
    files.filter((file) => !isThere(file)),
    [],
  );
});

test('ARCHITECTURE.md fits two pages, and every link of a document leads somewhere', () => {
  assert.ok(readFileSync('ARCHITECTURE.md').length <= 9 * 1024);
  for (const file of globSync('*.md')) {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#:]+)\)/g)].flatMap((m) => m[1] ?? []);
    assert.deepEqual(
      links.filter((link) => !existsSync(link)),
      [],
      file,
    );
  }
});
