import * as v from 'valibot';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';

/** Validates a parsed response of the API server. */
export const understood = <S extends v.GenericSchema>(path: string, schema: S, raw: unknown): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, raw);
  if (parsed.success) return parsed.output;
  const where = v.getDotPath(parsed.issues[0]) ?? 'top level';
  throw new OperatorError('kubernetes', `Unexpected response: ${path}, ${where}`);
};

/** Parses JSON; undefined if the text is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const statusBody = v.object({ message: v.string() });

// Too many requests, and transient server errors: an etcd election ("leader changed"), a restart.
const passes = (status: number): boolean => status === 429 || status >= 500;

/** The error for a response with an unexpected status. */
export const refused = (path: string, status: number, text: string): OperatorError => {
  const reason = v.safeParse(statusBody, parseJson(text));
  const words = reason.success ? reason.output.message : text.slice(0, 200);
  const info = passes(status) ? { retry: 'soon' as const } : {};
  return new OperatorError('kubernetes', `The Kubernetes API refused ${path}: ${status} ${words}`, info);
};

/** The error for a request without a response. */
export const unreachable = (what: string, why: string, cause?: unknown): OperatorError =>
  new OperatorError('kubernetes', `The Kubernetes API is not responding (${what}): ${why}`, {
    cause,
    retry: 'soon',
    remedy: toRun('Check the masters and the load balancer', command`trizone status`),
  });

// The WebSocket library rejects with an event that has a message but is not an Error.
const eventMessage = v.object({ message: v.string() });

/** Why a connection failed, in words. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof Error) return asOperatorError(error).message.replace('Unexpected error: ', '');
  const event = v.safeParse(eventMessage, error);
  return event.success ? event.output.message : String(error);
};
