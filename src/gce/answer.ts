import * as v from 'valibot';
import { OperatorError } from '../lib/operatorError.ts';

/** Validates an external response against its schema; `what` names it in the error. */
export const parseAnswer = <S extends v.GenericSchema>(what: string, schema: S, raw: unknown): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, raw);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw new OperatorError(
    'internal',
    `Unexpected response: ${what}, ${v.getDotPath(issue) ?? 'top level'}: ${issue.message}`,
  );
};
