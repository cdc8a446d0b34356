import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { keyOf } from './key.ts';

test('the key of a recipe changes with every byte, name, mode and word of it, and with nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-key-'));
  try {
    mkdirSync(join(folder, 'part/inner'), { recursive: true });
    writeFileSync(join(folder, 'part/inner/a'), 'one');
    writeFileSync(join(folder, 'part/b'), 'two');
    writeFileSync(join(folder, 'stranger'), 'three');
    const key = (...words: string[]): string => keyOf(['part'], words, folder);
    const seen = [key(), key('1.37.2'), key('1.37', '.2')];
    writeFileSync(join(folder, 'part/inner/a'), 'One');
    seen.push(key());
    renameSync(join(folder, 'part/b'), join(folder, 'part/c'));
    seen.push(key());
    chmodSync(join(folder, 'part/c'), 0o755);
    seen.push(key());
    assert.equal(new Set(seen).size, seen.length, seen.join(' '));
    writeFileSync(join(folder, 'stranger'), 'four');
    assert.equal(key(), seen.at(-1));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
