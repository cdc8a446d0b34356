import { OperatorError } from '../../lib/operatorError.ts';

/** What a step came to: undefined = done, a text = what it still waits for. A definite failure is thrown. */
export type BootOutcome = string | undefined;

/** A failure that waiting does not mend; the machine reports it and stops. */
export const failed = (message: string): OperatorError => new OperatorError('boot-failed', message);
