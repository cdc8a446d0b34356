import { asOperatorError } from '../../lib/operatorError.ts';

/** What is wrong with an input, with a proposal; undefined where nothing is. The checks are the command line's. */
export const problemWith = (check: () => unknown): string | undefined => {
  try {
    check();
    return undefined;
  } catch (thrown) {
    const { message, remedy } = asOperatorError(thrown);
    return remedy ? `${message}. ${remedy}` : message;
  }
};
