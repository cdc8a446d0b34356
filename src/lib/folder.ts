import { accessSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { invalid } from './operatorError.ts';

/**
 * Creates a folder (mode 0700) and its missing parents. Not Node's own `recursive`: below /proc, where the parent
 * exists but nothing can be created in it, that one spins forever.
 */
export const makeFolder = (path: string): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !statSync(path).isDirectory()) throw error; // another process created it first
  }
};

/**
 * Creates the folder if it is missing and checks that it is writable, or throws `invalid`; `what` names it in the
 * message.
 */
export const checkFolder = (what: string, path: string, proposal: string): void => {
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw invalid(`${what} must be a writable folder: ${path}, ${fileProblem(error)}`, proposal);
  }
};

/** A folder's path with symbolic links resolved; resolved lexically if the path cannot be followed. */
export const realFolder = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
};

/** Whether a path exists; true also where it cannot be checked (no permission). */
export const isThere = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
};

/** Whether two paths lead to the same folder (via a link or a second mount). False if either cannot be read. */
export const isSameFolder = (text: string, name: string): boolean => {
  const [one, other] = [numbersOf(text), numbersOf(name)];
  if (one === undefined || other === undefined) return false;
  // Not every file system assigns inode numbers.
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

/** Node's code of a failed file operation (ENOENT); undefined for other errors. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Describes a failed file operation: in words for common codes, otherwise Node's code. */
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
