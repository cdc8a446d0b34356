import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'golden');

/** Compares a text with its file in test/golden; UPDATE_GOLDEN=1 writes the file instead, for review of the difference. */
export const golden = (name: string, text: string): void => {
  const file = join(folder, name);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  const known = existsSync(file) ? readFileSync(file, 'utf8') : '';
  assert.equal(text, known, `${name} differs; if that is wanted: UPDATE_GOLDEN=1`);
};
