import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { writeFileAtomic } from './atomicFile.ts';
import { codeOf } from './folder.ts';

/**
 * Creates a lock file; false if one exists. Written to a temporary file and linked, so that a reader never sees it
 * empty or partial.
 */
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

/** The content of a lock file; undefined if there is none. */
export const readLock = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * Removes a lock file if its content is still `judged`. Rename is atomic; if it caught a newer lock, that one is
 * restored.
 */
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
