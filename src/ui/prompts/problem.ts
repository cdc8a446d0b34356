import { asOperatorError } from '../../lib/operatorError.ts';

/** Error of an input, with a proposal; undefined if it is valid. The checks are the command line's. */
export const problemWith = (check: () => unknown): string | undefined => {
  try {
    check();
    return undefined;
  } catch (thrown) {
    const { message, remedy } = asOperatorError(thrown);
    return remedy ? `${message}. ${remedy}` : message;
  }
};
