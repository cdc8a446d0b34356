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

/** Writes all of it: one `write` may take less than it was given, as on a disk that is nearly full. */
export const writeAll = (file: number, content: string | Uint8Array, position: number | null = null): void => {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length;) {
    const taken = writeSync(file, bytes, at, bytes.length - at, position === null ? null : position + at);
    if (taken === 0) throw Object.assign(new Error('Nothing was written to the disk'), { code: 'ENOSPC' });
    at += taken;
  }
};

/** Opens a file, does something with it, and closes it: an error of closing counts, it may be that of a write. */
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
    // What failed before is what matters.
  }
};

/** Writes a file so that a reader, or a crash, sees the old content or the new, never a part. Mode 0600 unless told. */
export const writeFileAtomic = (path: string, content: string, mode = 0o600): void => {
  makeFolder(dirname(path));
  renameWhole(path, `${path}.${process.pid}.tmp`, 'w', mode, (file) => writeAll(file, content));
};

/** Fills a file beside `path` and gives it that name once it is on the disk; a file that could not be filled goes. */
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

/** Makes an empty file; fails where one is. */
export const createEmpty = (path: string): void => writeFileSync(path, '', { flag: 'wx', mode: 0o600 });

/**
 * Gives a function that adds to the end of a file and returns when it is on the disk. What could not be added whole is cut off
 * again, at once or, where even that fails, before the next piece: a part would swallow the beginning of what follows it.
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
        // The next piece tries again.
      }
      throw error;
    }
  };
};
