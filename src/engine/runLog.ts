import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withFile, writeAll } from '../lib/atomicFile.ts';
import { makeFolder } from '../lib/folder.ts';
import { onDisk } from '../lib/onDisk.ts';

/** The readable log of a run, beside its journal: any window and the command line can show it, also while another writes it. */
export const runLogFile = (folder: string, run: string): string => join(folder, 'runs', `${run}.log`);

/** Adds a line. Not synced: unlike the journal, nothing depends on it. */
export const appendRunLog = (folder: string, run: string, line: string): void => {
  const path = runLogFile(folder, run);
  onDisk("Cannot write the run's log", path, ', then run: trizone resume', () => {
    makeFolder(dirname(path));
    withFile(path, 'a', 0o600, (file) => writeAll(file, `${line}\n`));
  });
};

/** What a run has said so far; empty where it has said nothing. */
export const readRunLog = (folder: string, run: string): string => {
  const path = runLogFile(folder, run);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};
