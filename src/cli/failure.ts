import { asOperatorError, type ErrorCode, type OperatorError } from '../lib/operatorError.ts';
import { remedyLine, type Remedy } from '../lib/remedy.ts';
import { red, yellow } from './paint.ts';
import type { Terminal } from './terminal.ts';

const guards: readonly ErrorCode[] = ['refused', 'foreign', 'leased', 'no-cloud'];

/** Exit codes: 0 done, 1 failed with a named error, 2 usage error, 3 refused by a guard, 130 cancelled. */
export const exitCode = (error: OperatorError): number => {
  if (error.code === 'invalid-input') return 2;
  if (error.code === 'cancelled') return 130;
  return guards.includes(error.code) ? 3 : 1;
};

/** Remedies for display: what can be pasted or opened is on a line of its own. */
export const remedyLines = (remedies: readonly Remedy[]): string[] =>
  remedies.flatMap((remedy) => {
    const line = remedyLine(remedy);
    if (line === undefined) return [remedy.text ?? ''];
    return remedy.text === undefined ? [`  ${line}`] : [`${remedy.text}:`, `  ${line}`];
  });

/** The only place that prints errors; with a stack trace only for an internal error, and only on request. */
export const printError = (terminal: Pick<Terminal, 'json' | 'log' | 'document' | 'env'>, thrown: unknown): number => {
  const error = asOperatorError(thrown);
  if (terminal.json)
    terminal.document({ error: { code: error.code, message: error.message, remedy: error.remedy, step: error.step } });
  terminal.log(error.code === 'cancelled' ? yellow('Cancelled.') : `${red(`Error (${error.code}):`)} ${error.message}`);
  for (const line of remedyLines(error.remedies)) terminal.log(`  ${line}`);
  if (terminal.env.TRIZONE_DEBUG && error.cause instanceof Error) terminal.log(error.cause.stack ?? '');
  return exitCode(error);
};
