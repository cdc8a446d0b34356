import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { invalid } from './operatorError.ts';

/** Makes sure that a folder is there and can be written to, or refuses with the rule; `what` names it for the person. */
export const checkFolder = (what: string, path: string, proposal: string): void => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!statSync(path).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw invalid(`${what} must be a folder that can be written to: ${path}, ${fileProblem(error)}`, proposal);
  }
};

/** Node's code of a failed file operation in words where there are better ones. */
export const fileProblem = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return problems[code] ?? code;
};

const problems: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'read-only file system',
  ENOENT: 'not there',
  ENOTDIR: 'a file is in the way',
  EEXIST: 'a file is in the way',
  EISDIR: 'it is a folder',
  ENOSPC: 'no space left',
};
