import { writeFileSync } from 'node:fs';
import { fileProblem } from '../lib/folder.ts';
import { invalid } from '../lib/operatorError.ts';
import { plain, writePersonFile } from '../lib/personFile.ts';

/** Rejects an unwritable report file before doing any of the work to report. */
export const checkWritable = (file: string): void => {
  try {
    writeFileSync(file, '', { flag: 'a' });
  } catch (error) {
    throw invalid(`Cannot write the report: ${file}, ${fileProblem(error)}`, 'Choose another file.');
  }
};

/** Writes a report requested by the user. */
export const writeReport = (file: string, text: string): void =>
  writePersonFile(' the report', file, text, plain, 'Choose another file.');
