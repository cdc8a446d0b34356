import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync, readdirSync, lstatSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Short hash of a recipe: changes with every byte and name of its files (or folders), with paths relative to `base`,
 * and with the words, which cover inputs outside the files. Modes count as far as git tracks them.
 */
export const keyOf = (paths: readonly string[], words: readonly string[], base = import.meta.dirname): string => {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`word ${word.length} ${word}\n`);
  for (const path of paths) for (const file of filesIn(base, path)) addFile(hash, base, file);
  return hash.digest('hex').slice(0, 12);
};

const addFile = (hash: ReturnType<typeof createHash>, base: string, path: string): void => {
  const stat = lstatSync(join(base, path));
  const content = stat.isSymbolicLink() ? Buffer.from(readlinkSync(join(base, path))) : readFileSync(join(base, path));
  hash.update(`file ${path} ${(stat.mode & 0o100) !== 0} ${content.length}\n`).update(content);
};

const filesIn = (base: string, path: string): string[] =>
  lstatSync(join(base, path)).isDirectory()
    ? readdirSync(join(base, path))
        .sort()
        .flatMap((name) => filesIn(base, join(path, name)))
    : [path];
