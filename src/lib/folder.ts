import { accessSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { invalid } from './operatorError.ts';

/**
 * Makes a folder (mode 0700) and those above it that are missing. Not Node's own `recursive`: below /proc, where a folder is there
 * and nothing can be made in it, that one spins for ever.
 */
export const makeFolder = (path: string): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !statSync(path).isDirectory()) throw error; // somebody else was faster
  }
};

/** Makes sure that a folder is there and can be written to, or refuses with the rule; `what` names it for the person. */
export const checkFolder = (what: string, path: string, proposal: string): void => {
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw invalid(`${what} must be a writable folder: ${path}, ${fileProblem(error)}`, proposal);
  }
};

/** A folder's path without links; as it was given where nothing is there. */
export const realFolder = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
};

/** Whether something is there; what may not be looked at may be there. */
export const isThere = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
};

/** Whether two paths lead to one folder: by a link, or where it is mounted twice, they may differ. False where one leads to nothing. */
export const isSameFolder = (text: string, name: string): boolean => {
  const [one, other] = [numbersOf(text), numbersOf(name)];
  if (one === undefined || other === undefined) return false;
  // Not every file system numbers its files.
  if (one.ino === 0n) return realFolder(text) === realFolder(name);
  return one.dev === other.dev && one.ino === other.ino;
};

const numbersOf = (path: string): { readonly dev: bigint; readonly ino: bigint } | undefined => {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
};

/** Node's code of a failed file operation; undefined where the error is of another kind. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Node's code of a failed file operation in words where there are better ones. */
export const fileProblem = (error: unknown): string => {
  const code = codeOf(error) ?? String(error);
  return problems[code] ?? code;
};

const problems: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'read-only file system',
  ENOENT: 'not found',
  ENOTDIR: 'a file is in the way',
  EEXIST: 'a file is in the way',
  EISDIR: 'is a folder',
  EFTYPE: 'not a regular file',
  ENOSPC: 'no space left',
  EDQUOT: 'no space left for this user',
  EIO: 'I/O error',
  EBUSY: 'in use by the system',
  ELOOP: 'too many levels of symbolic links',
  EBADF: 'not open',
  EMFILE: 'too many open files',
};
