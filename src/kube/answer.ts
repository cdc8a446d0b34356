import * as v from 'valibot';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';

/** A parsed answer of the API server, validated. */
export const understood = <S extends v.GenericSchema>(path: string, schema: S, raw: unknown): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, raw);
  if (parsed.success) return parsed.output;
  const where = v.getDotPath(parsed.issues[0]) ?? 'top level';
  throw new OperatorError('kubernetes', `Unexpected response: ${path}, ${where}`);
};

/** JSON, or undefined where it is none. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const statusBody = v.object({ message: v.string() });

// Too many requests, and everything that a server cannot help just now: an election of etcd's ("leader changed"), a restart.
const passes = (status: number): boolean => status === 429 || status >= 500;

/** The error of an answer with another status than the one wanted. */
export const refused = (path: string, status: number, text: string): OperatorError => {
  const reason = v.safeParse(statusBody, parseJson(text));
  const words = reason.success ? reason.output.message : text.slice(0, 200);
  const info = passes(status) ? { retry: 'soon' as const } : {};
  return new OperatorError('kubernetes', `The Kubernetes API refused ${path}: ${status} ${words}`, info);
};

/** The error of a question without an answer. */
export const unreachable = (what: string, why: string, cause?: unknown): OperatorError =>
  new OperatorError('kubernetes', `The Kubernetes API is not responding (${what}): ${why}`, {
    cause,
    retry: 'soon',
    remedy: toRun('Check the masters and the load balancer', command`trizone status`),
  });

// The WebSocket library rejects with an event that has a message but is no Error.
const eventMessage = v.object({ message: v.string() });

/** Why a connection failed, in words. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof Error) return asOperatorError(error).message.replace('Unexpected error: ', '');
  const event = v.safeParse(eventMessage, error);
  return event.success ? event.output.message : String(error);
};
