import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { writeAll } from '../lib/atomicFile.ts';
import { codeOf } from '../lib/folder.ts';

/** One of the process's two outputs. */
export interface Output {
  readonly write: (text: string) => void;
  /** Why something that was said has got lost, other than by a reader who has gone; undefined where nothing has. */
  readonly lost: () => unknown;
}

// Nobody listens any more: a pipe (`| head`) or a terminal that was closed.
const gone = ['EPIPE', 'EIO', 'EBADF', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

/**
 * An output whose end ends nothing: what works goes on to its end or its next safe point, and the journal and the run's log have what
 * was to be said. A file is written here, because Node takes one write for the whole, and a device (/dev/full), because Node
 * tells of what it refused only when the exit code is settled.
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
    return false; // closed from the beginning
  }
};
