import * as v from 'valibot';
import { parseAnswer } from './answer.ts';

/** A refused request or failed operation, as reported by Google, in one shape for the error table. */
export interface Failure {
  /** HTTP status of a refused request; absent for a failed operation, which is classified by its code. */
  readonly status?: number | undefined;
  /**
   * Machine-readable reasons in lowercase without separators: `errors[0].reason`, the `reason` of ErrorInfo and the
   * status (`resourcenotready`), or the operation's error code (RESOURCE_NOT_READY yields the same word).
   */
  readonly reasons: readonly string[];
  readonly message: string;
  /** Metadata of ErrorInfo: service, consumer, permission, zonesAvailable … */
  readonly facts: Readonly<Record<string, string>>;
  /** Name and limit of an exhausted quota, if the response contains them. */
  readonly quota?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

const facts = v.nullish(v.record(v.string(), v.string()), {});
const text = v.nullish(v.string(), '');

const body = v.object({
  error: v.object({
    message: text,
    status: text,
    errors: v.nullish(v.array(v.object({ reason: text })), []),
    details: v.nullish(v.array(v.object({ reason: text, metadata: v.fallback(facts, {}) })), []),
  }),
});

const reasonWord = (reason: string): string => reason.toLowerCase().replaceAll('_', '');

/** A refused request. A body that is not Google's JSON (a proxy's HTML page) yields only the status. */
export const requestFailure = (status: number, raw: string, retryAfterMs: number | undefined): Failure => {
  const parsed = v.safeParse(body, parseJson(raw));
  if (!parsed.success) return { status, reasons: [], message: `HTTP status ${status}`, facts: {}, retryAfterMs };
  const { error } = parsed.output;
  const reasons = [...error.errors.map((e) => e.reason), ...error.details.map((d) => d.reason), error.status];
  return {
    status,
    reasons: reasons.filter((r) => r !== '').map(reasonWord),
    message: error.message === '' ? `HTTP status ${status}` : error.message,
    facts: merged(error.details.map((d) => d.metadata)),
    retryAfterMs,
  };
};

const merged = (all: Record<string, string>[]): Record<string, string> =>
  Object.fromEntries(all.flatMap((one) => Object.entries(one)));

const parseJson = (raw: string): unknown => {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
};

const quotaInfo = v.object({
  limitName: text,
  metricName: text,
  limit: v.nullish(v.union([v.number(), v.string()]), ''),
  dimensions: facts,
});

const operationError = v.object({
  code: text,
  message: text,
  errorDetails: v.nullish(
    v.array(
      v.object({
        errorInfo: v.nullish(v.object({ reason: text, metadatas: facts })),
        quotaInfo: v.nullish(quotaInfo),
        localizedMessage: v.nullish(v.object({ message: text })),
      }),
    ),
    [],
  ),
});

/** One entry of an operation's `error.errors`. */
export const operationFailure = (raw: unknown): Failure => {
  const error = parseAnswer('operation error', operationError, raw);
  const details = error.errorDetails;
  const localized = details.find((d) => d.localizedMessage)?.localizedMessage?.message;
  return {
    reasons: [error.code, ...details.map((d) => d.errorInfo?.reason ?? '')].filter((r) => r !== '').map(reasonWord),
    message: localized ?? (error.message === '' ? error.code : error.message),
    facts: merged(details.map((d) => d.errorInfo?.metadatas ?? {})),
    quota: details.map((d) => describeQuota(d.quotaInfo)).find((q) => q !== undefined),
  };
};

const describeQuota = (info: v.InferOutput<typeof quotaInfo> | null | undefined): string | undefined => {
  if (!info) return undefined;
  const where = Object.entries(info.dimensions).map(([k, value]) => ` in ${k} ${value}`);
  return `${info.limitName === '' ? info.metricName : info.limitName}, limit ${info.limit}${where.join('')}`;
};
