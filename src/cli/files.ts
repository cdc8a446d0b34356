import { writeFileSync } from 'node:fs';
import { fileProblem } from '../lib/folder.ts';
import { invalid } from '../lib/operatorError.ts';
import { plain, writePersonFile } from '../lib/personFile.ts';

/** Refuses a file that a report cannot be written to, before anything is done that it would tell of. */
export const checkWritable = (file: string): void => {
  try {
    writeFileSync(file, '', { flag: 'a' });
  } catch (error) {
    throw invalid(`Cannot write the report: ${file}, ${fileProblem(error)}`, 'Choose another file.');
  }
};

/** Writes a report that a person asked for. */
export const writeReport = (file: string, text: string): void =>
  writePersonFile(' the report', file, text, plain, 'Choose another file.');
