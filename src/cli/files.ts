import { writeFileSync } from 'node:fs';
import { fileProblem } from '../lib/folder.ts';
import { invalid } from '../lib/operatorError.ts';

/** Refuses a file that a report cannot be written to, before anything is done that it would tell of. */
export const checkWritable = (file: string): void => {
  try {
    writeFileSync(file, '', { flag: 'a' });
  } catch (error) {
    throw invalid(`The report cannot be written: ${file}, ${fileProblem(error)}`, 'Name another file.');
  }
};
