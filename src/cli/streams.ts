import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { writeAll } from '../lib/atomicFile.ts';
import { codeOf } from '../lib/folder.ts';

/** One of the process's two output streams. */
export interface Output {
  readonly write: (text: string) => void;
  /** Why output was lost, other than a reader that has gone; undefined if nothing was lost. */
  readonly lost: () => unknown;
}

// The reader has gone: a pipe (`| head`) or a closed terminal.
const gone = ['EPIPE', 'EIO', 'EBADF', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

/**
 * An output whose failure does not stop the process: work continues to its end or its next safe point, and the journal
 * and the run's log have the lost output. Files are written synchronously here, because Node assumes that one write
 * writes everything, and devices (/dev/full), because Node reports their errors only after the exit code is settled.
 */
export const output = (stream: NodeJS.WriteStream & { readonly fd: number }): Output => {
  let lost: unknown;
  const failed = (error: unknown): void => {
    if (!gone.includes(codeOf(error) ?? '')) lost ??= error;
  };
  stream.on('error', failed);
  const toFile = (text: string): void => {
    try {
      writeAll(stream.fd, text);
    } catch (error) {
      failed(error);
    }
  };
  return { write: isWrittenHere(stream.fd) ? toFile : (text) => void stream.write(text), lost: () => lost };
};

const isWrittenHere = (fd: number): boolean => {
  try {
    const found = fstatSync(fd);
    return found.isFile() || (found.isCharacterDevice() && !isatty(fd));
  } catch {
    return false; // closed from the start
  }
};
