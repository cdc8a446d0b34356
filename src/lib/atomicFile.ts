import {
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './folder.ts';

/** Writes all of `content`: a single `write` may write less than it was given, for example on a nearly full disk. */
export const writeAll = (file: number, content: string | Uint8Array, position: number | null = null): void => {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length;) {
    const taken = writeSync(file, bytes, at, bytes.length - at, position === null ? null : position + at);
    if (taken === 0) throw Object.assign(new Error('Nothing was written to the disk'), { code: 'ENOSPC' });
    at += taken;
  }
};

/** Opens a file, runs `work` on it, and closes it. An error from close counts: it may report a failed write. */
export const withFile = (path: string, flags: string, mode: number, work: (file: number) => void): void => {
  const file = openSync(path, flags, mode);
  try {
    work(file);
  } catch (error) {
    closeQuietly(file);
    throw error;
  }
  closeSync(file);
};

const closeQuietly = (file: number): void => {
  try {
    closeSync(file);
  } catch {
    // The original error is the one that matters.
  }
};

/** Writes a file so that a reader, or a crash, sees the old content or the new, never a part of it. Default mode: 0600. */
export const writeFileAtomic = (path: string, content: string, mode = 0o600): void => {
  makeFolder(dirname(path));
  renameWhole(path, `${path}.${process.pid}.tmp`, 'w', mode, (file) => writeAll(file, content));
};

/** Fills a temporary file and renames it to `path` once it is on disk; on failure, deletes the temporary file. */
export const renameWhole = (
  path: string,
  temporary: string,
  flags: 'w' | 'wx',
  mode: number,
  fill: (file: number) => void,
): void => {
  try {
    withFile(temporary, flags, mode, (file) => {
      fill(file);
      fsyncSync(file);
    });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true }); // it may hold a secret
    throw error;
  }
};

/** Creates an empty file; fails if the path exists. */
export const createEmpty = (path: string): void => writeFileSync(path, '', { flag: 'wx', mode: 0o600 });

/**
 * Returns a function that appends to a file and returns once the data is on disk. A partial append is truncated at once
 * or, if that fails too, before the next append: otherwise the partial record would swallow the start of the next one.
 */
export const appender = (path: string): ((content: string) => void) => {
  let cutAt: number | undefined;
  const cut = (): void => {
    if (cutAt !== undefined) truncateSync(path, cutAt);
    cutAt = undefined;
  };
  return (content) => {
    cut();
    const before = statSync(path).size;
    try {
      withFile(path, 'a', 0o600, (file) => {
        writeAll(file, content);
        fsyncSync(file);
      });
    } catch (error) {
      cutAt = before;
      try {
        cut();
      } catch {
        // The next append retries.
      }
      throw error;
    }
  };
};
