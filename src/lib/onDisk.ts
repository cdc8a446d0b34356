import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, fileProblem } from './folder.ts';
import { OperatorError } from './operatorError.ts';
import { shellWord } from './shellWord.ts';

/** The rest of the remedy where nothing in the state folder has been changed yet. */
export const elsewhere = ', or set TRIZONE_STATE to another folder.';

/**
 * Runs file operations in the state folder; a failure names the file, the reason, and the remedy, so that a full disk
 * is never reported as an "unexpected error". `next` completes the remedy's sentence after the fix.
 */
export const onDisk = <T>(what: string, path: string, next: string, work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    if (OperatorError.is(cause) || codeOf(cause) === undefined) throw cause;
    throw diskError('disk', what, path, cause, next);
  }
};

/** The error of a failed file operation: what failed, with which file, why, and the remedy. */
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

// For example after `sudo trizone`: the file or its folder belongs to another user.
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

// The path itself, or its nearest existing and visible parent.
const nearest = (path: string): string => {
  try {
    statSync(path);
    return path;
  } catch {
    return dirname(path) === path ? path : nearest(dirname(path));
  }
};

/**
 * Reads a regular file. Anything else is refused before it is opened: reading a pipe would block, and nothing could
 * cancel that.
 */
export const readRegular = (path: string): Buffer => {
  const found = statSync(path);
  if (found.isFile()) return readFileSync(path);
  throw Object.assign(new Error(`Not a file: ${path}`), { code: found.isDirectory() ? 'EISDIR' : 'EFTYPE' });
};
