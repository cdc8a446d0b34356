import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withFile, writeAll } from '../lib/atomicFile.ts';
import { makeFolder } from '../lib/folder.ts';
import { onDisk } from '../lib/onDisk.ts';

/**
 * The human-readable log of a run, next to its journal; any window or command line can show it while another process
 * writes it.
 */
export const runLogFile = (folder: string, run: string): string => join(folder, 'runs', `${run}.log`);

/** Appends a line. Not synced: unlike with the journal, nothing depends on it. */
export const appendRunLog = (folder: string, run: string, line: string): void => {
  const path = runLogFile(folder, run);
  onDisk("Cannot write the run's log", path, ', then run: trizone resume', () => {
    makeFolder(dirname(path));
    withFile(path, 'a', 0o600, (file) => writeAll(file, `${line}\n`));
  });
};

/** A run's log so far; empty if there is none. */
export const readRunLog = (folder: string, run: string): string => {
  const path = runLogFile(folder, run);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};
