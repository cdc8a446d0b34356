import { OperatorError } from '../../../src/lib/operatorError.ts';
import { mustRun, type ProgramOptions } from '../program.ts';

/** Runs a build program to its end and returns its output; a failure includes the last lines of it. */
export const run = (program: string, words: readonly string[], options?: ProgramOptions): Promise<string> => {
  const failed = (how: string): OperatorError =>
    new OperatorError(
      'operation-failed',
      `A part of the lab could not be built, ${program} ${words.join(' ')}: ${how}`,
      {
        remedy: 'Put right what the program says and run it again: what was finished before is kept.',
      },
    );
  return mustRun(program, words, failed, options);
};
