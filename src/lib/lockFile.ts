import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { writeFileAtomic } from './atomicFile.ts';
import { codeOf } from './folder.ts';

/** Makes a lock file, false where one is. Written aside and linked, so that nobody ever reads an empty one or half of one. */
export const createLock = (path: string, text: string): boolean => {
  const aside = `${path}.${process.pid}.new`;
  writeFileAtomic(aside, text);
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
};

/** What a lock file says; undefined where there is none. */
export const readLock = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Takes a lock away that says what was judged. Rename is atomic; should it have caught a newer one, that one is put back. */
export const removeLock = (path: string, judged: string): void => {
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== judged) linkSync(aside, path);
  rmSync(aside);
};
