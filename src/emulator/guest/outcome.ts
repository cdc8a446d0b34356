import { OperatorError } from '../../lib/operatorError.ts';

/** Result of a step: undefined = done, a text = what it is waiting for. Permanent failures are thrown. */
export type BootOutcome = string | undefined;

/** A permanent failure; the machine reports it and stops. */
export const failed = (message: string): OperatorError => new OperatorError('boot-failed', message);
