import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, fileProblem } from './folder.ts';
import { OperatorError } from './operatorError.ts';
import { shellWord } from './shellWord.ts';

/** How the remedy goes on where nothing in the state folder has been changed yet. */
export const elsewhere = ', or set TRIZONE_STATE to another folder.';

/**
 * Does something with files of the state folder; an operation of the file system that fails there is named with the file, the
 * reason and the remedy, so that a full disk is nobody's "unexpected error". `next` continues the sentence that says what
 * takes the reason away.
 */
export const onDisk = <T>(what: string, path: string, next: string, work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    if (OperatorError.is(cause) || codeOf(cause) === undefined) throw cause;
    throw diskError('disk', what, path, cause, next);
  }
};

/** The error of a failed file operation: what failed, with which file, why, and what to do about it. */
export const diskError = (
  code: 'disk' | 'journal',
  what: string,
  path: string,
  cause: unknown,
  next: string,
): OperatorError => {
  const { problem, lead } = isForbidden(cause)
    ? forbidden(path, cause)
    : { problem: fileProblem(cause), lead: leads[codeOf(cause) ?? ''] ?? 'Fix the problem there' };
  return new OperatorError(code, `${what}: ${path}, ${problem}`, { cause, remedy: `${lead}${next}` });
};

const isForbidden = (cause: unknown): boolean => ['EACCES', 'EPERM'].includes(codeOf(cause) ?? '');

const leads: Readonly<Record<string, string>> = {
  ENOSPC: 'Free up disk space',
  EDQUOT: 'Free up disk space',
  EROFS: 'Make the file system writable',
  ENOTDIR: 'Move the existing file or folder',
  EEXIST: 'Move the existing file or folder',
  EISDIR: 'Move the existing file or folder',
  EFTYPE: 'Move the existing file or folder',
  EMFILE: 'Close other programs',
};

// As after `sudo trizone`: the file, or the folder that it is in, is somebody else's.
const forbidden = (path: string, cause: unknown): { problem: string; lead: string } => {
  const problem = fileProblem(cause);
  const there = nearest(path);
  const at = [there, dirname(there)].find((p) => !mayUse(p)) ?? there;
  const owner = process.getuid === undefined ? undefined : statSync(at, { throwIfNoEntry: false })?.uid;
  if (owner === undefined) return { problem, lead: `Give yourself access to ${at}` };
  if (owner === process.geteuid?.()) return { problem, lead: `Grant access (chmod u+rwX ${shellWord(at)})` };
  const whose = `${at === path ? 'it' : at} belongs to ${owner === 0 ? 'root' : `user ${owner}`}`;
  return { problem: `${problem} (${whose})`, lead: `Take ownership (sudo chown -R "$(id -u)" ${shellWord(at)})` };
};

const mayUse = (path: string): boolean => {
  try {
    const isFolder = statSync(path).isDirectory();
    accessSync(path, constants.R_OK | constants.W_OK | (isFolder ? constants.X_OK : 0));
    return true;
  } catch {
    return false;
  }
};

// The path itself, or the lowest folder above it that can be seen.
const nearest = (path: string): string => {
  try {
    statSync(path);
    return path;
  } catch {
    return dirname(path) === path ? path : nearest(dirname(path));
  }
};

/** Reads a regular file. What is none is refused before it is opened: a pipe would be waited for, and nothing could end that. */
export const readRegular = (path: string): Buffer => {
  const found = statSync(path);
  if (found.isFile()) return readFileSync(path);
  throw Object.assign(new Error(`Not a file: ${path}`), { code: found.isDirectory() ? 'EISDIR' : 'EFTYPE' });
};
