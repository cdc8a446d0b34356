import {
  accessSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { renameWhole, withFile, writeAll } from './atomicFile.ts';
import { codeOf, fileProblem, makeFolder } from './folder.ts';
import { randomText, systemIds } from './ids.ts';
import { invalid, OperatorError } from './operatorError.ts';

/** File permissions: the mode of a new file, and the mask for the mode of an existing one. */
export interface Permissions {
  readonly fresh: number;
  readonly most: number;
}

/** A secret in a dedicated file: readable by the owner only, whatever its mode was before. */
export const secret: Permissions = { fresh: 0o600, most: 0o600 };
/** A secret in a file whose mode the user has chosen. */
export const asItIs: Permissions = { fresh: 0o600, most: 0o777 };
/** Not a secret: like the user's other files. */
export const plain: Permissions = { fresh: 0o666, most: 0o777 };

/**
 * File descriptor of this process that a name stands for: `-`, /dev/stdout, /dev/stderr, /dev/fd/N; undefined for a
 * file.
 */
export const streamNumber = (name: string): number | undefined => {
  const known = ['/dev/stdin', '/dev/stdout', '/dev/stderr'].indexOf(name === '-' ? '/dev/stdout' : name);
  const numbered = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(name)?.[1];
  if (numbered !== undefined) return Number(numbered);
  return known < 0 ? undefined : known;
};

/** Writes to such a stream; EPIPE is ignored (the reader has read all it wanted). */
export const writeStream = (name: string, stream: number, content: string, remedy: string): void => {
  try {
    writeAll(stream, content);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined) throw cause;
    if (code === 'EPIPE') return;
    throw invalid(`Cannot write: ${name}, ${fileProblem(cause)}`, remedy);
  }
};

/**
 * Writes a file of the user: whole or not at all, keeping its owner and mode, through symbolic links, dangling ones
 * included. Where it cannot be replaced (it is a mount point, its folder is not writable, the owner would change, it
 * has a second hard link), it is overwritten in place, with a backup beside it during the write. `what` names it in
 * messages: " the kubeconfig", or empty.
 */
export const writePersonFile = (
  what: string,
  path: string,
  content: string,
  may: Permissions,
  remedy: string,
): void => {
  try {
    write(linkTarget(path), content, may);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined || OperatorError.is(cause)) throw cause;
    const message = `Cannot write${what}: ${path}, ${fileProblem(cause)}`;
    if (!['ENOSPC', 'EDQUOT', 'EIO'].includes(code)) throw invalid(message, remedy);
    throw new OperatorError('disk', message, {
      cause,
      remedy: 'The file is unchanged. Free up disk space, then try again.',
    });
  }
};

// `realpath` fails on a dangling link.
const linkTarget = (path: string, links = 40): string => {
  if (isStream(path)) return path; // links in /proc to a pipe have no target name
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  if (links === 0) throw Object.assign(new Error('too many levels of symbolic links'), { code: 'ELOOP' });
  return linkTarget(resolve(realpathSync(dirname(path)), readlinkSync(path)), links - 1);
};

const isStream = (path: string): boolean => {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isDirectory();
};

const write = (path: string, content: string, may: Permissions): void => {
  const old = statSync(path, { throwIfNoEntry: false });
  if (old !== undefined && !old.isFile()) {
    writeFileSync(path, content); // a pipe or a device; a folder fails here
    return;
  }
  if (old === undefined) makeFolder(dirname(path));
  else accessSync(path, constants.W_OK); // a file that the user made read-only stays untouched
  try {
    if (old === undefined || old.nlink === 1) {
      replace(path, content, old, may);
      return;
    }
  } catch (error) {
    if (old === undefined || !irreplaceable.includes(codeOf(error) ?? '')) throw error;
  }
  overwrite(path, Buffer.from(content), old, may);
};

const irreplaceable = ['EBUSY', 'EXDEV', 'EPERM', 'EACCES', 'EROFS', 'EINVAL', 'ENOTSUP', 'ETXTBSY'];

const modeOf = (old: Stats, may: Permissions): number => old.mode & may.most & 0o777;

const beside = (path: string, ending: string): string => `${path}.${randomText(systemIds, 6)}.${ending}`;

const replace = (path: string, content: string, old: Stats | undefined, may: Permissions): void =>
  renameWhole(path, beside(path, 'tmp'), 'wx', old === undefined ? may.fresh : 0o600, (file) => {
    if (old !== undefined) takeAfter(file, old, modeOf(old, may));
    writeAll(file, content);
  });

const takeAfter = (file: number, old: Stats, mode: number): void => {
  const { uid, gid } = fstatSync(file);
  if (uid !== old.uid || gid !== old.gid) fchownSync(file, old.uid, old.gid);
  fchmodSync(file, mode);
};

const overwrite = (path: string, next: Uint8Array, old: Stats, may: Permissions): void => {
  const before = readFileSync(path);
  const copy = copyBeside(path, before, old);
  withFile(path, 'r+', 0, (file) => {
    try {
      if (modeOf(old, may) !== (old.mode & 0o777)) fchmodSync(file, modeOf(old, may));
      lay(file, before.length, next);
    } catch (error) {
      putBack(path, file, before, copy);
      if (copy !== undefined) rmSync(copy, { force: true });
      throw error;
    }
  });
  if (copy !== undefined) rmSync(copy, { force: true });
};

const copyBeside = (path: string, content: Uint8Array, old: Stats): string | undefined => {
  const copy = beside(path, 'before');
  try {
    withFile(copy, 'wx', 0o600, (file) => {
      takeAfter(file, old, 0o600);
      writeAll(file, content);
      fsyncSync(file);
    });
    return copy;
  } catch {
    rmSync(copy, { force: true });
    return undefined; // the folder is not writable: overwrite without a backup
  }
};

// Appends first, since that needs space: if there is none, the old content is still intact.
const lay = (file: number, length: number, next: Uint8Array): void => {
  if (next.length > length) writeAll(file, next.subarray(length), length);
  writeAll(file, next.subarray(0, length), 0);
  ftruncateSync(file, next.length);
  fsyncSync(file);
};

const putBack = (path: string, file: number, before: Uint8Array, copy: string | undefined): void => {
  try {
    writeAll(file, before, 0);
    ftruncateSync(file, before.length);
    fsyncSync(file);
  } catch (cause) {
    const where = copy === undefined ? 'No backup could be made.' : `The previous content is in ${copy}`;
    throw new OperatorError('disk', `Partially written: ${path}, ${fileProblem(cause)}`, { cause, remedy: where });
  }
};
