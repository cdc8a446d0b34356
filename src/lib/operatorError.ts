import { remediesOf, remedyText, type Remedies, type Remedy } from './remedy.ts';

/**
 * The closed set of reasons for which Trizone stops. Messages, exit codes, and retries depend on it, so a new reason is
 * added here, never improvised where the error occurs.
 */
export type ErrorCode =
  | 'cancelled'
  | 'invalid-input' // rejected at the input
  | 'refused' // a guard: the requested change would break something
  | 'not-signed-in'
  | 'no-cloud' // neither an endpoint nor Google credentials
  | 'permission'
  | 'api-disabled'
  | 'billing'
  | 'quota'
  | 'stock-out'
  | 'rate-limit'
  | 'not-found'
  | 'already-exists'
  | 'foreign' // a resource has our name but not our marker
  | 'conflict' // changed concurrently: 412, operation in progress
  | 'in-use'
  | 'not-ready'
  | 'bad-request'
  | 'operation-failed'
  | 'timeout'
  | 'unavailable' // 5xx, reset, refused, DNS
  | 'leased' // another run holds the cluster
  | 'journal' // damaged, or from a newer version
  | 'disk' // of this computer: full, read-only, broken
  | 'boot-failed'
  | 'kubernetes'
  | 'emulator'
  | 'emulator-stopped' // selected in the editor, but not running
  | 'internal';

/** When a retry makes sense. `elsewhere`: another zone may work (stock-outs). */
export type Retry = 'never' | 'soon' | 'later' | 'elsewhere';

/** What an error carries besides its message. */
export interface ErrorInfo {
  readonly cause?: unknown;
  readonly step?: string | undefined;
  /** What to do, with the exact command if there is one. */
  readonly remedy?: Remedies | undefined;
  readonly retry?: Retry;
  /** Milliseconds the server asked us to wait (Retry-After). */
  readonly retryAfterMs?: number | undefined;
  /** True if the request may have taken effect although no response arrived. */
  readonly outcomeUnknown?: boolean;
  /** Zones that may still have capacity, from a stock-out's `zonesAvailable`. */
  readonly zonesAvailable?: readonly string[];
}

/** The one error class of the program. Messages: what failed, then the variable part after a colon. */
export class OperatorError extends Error {
  readonly code: ErrorCode;
  readonly step: string | undefined;
  /** What to do, most useful first. */
  readonly remedies: readonly Remedy[];
  readonly retry: Retry;
  readonly retryAfterMs: number | undefined;
  readonly outcomeUnknown: boolean;
  readonly zonesAvailable: readonly string[];

  constructor(code: ErrorCode, message: string, info: ErrorInfo = {}) {
    super(message, { cause: info.cause });
    this.name = 'OperatorError';
    this.code = code;
    this.step = info.step;
    this.remedies = remediesOf(info.remedy);
    this.retry = info.retry ?? 'never';
    this.retryAfterMs = info.retryAfterMs;
    this.outcomeUnknown = info.outcomeUnknown ?? false;
    this.zonesAvailable = info.zonesAvailable ?? [];
  }

  /** What to do, in one line. */
  get remedy(): string | undefined {
    return remedyText(this.remedies);
  }

  /** Type guard: whether an error is an OperatorError, optionally with one of `codes`. */
  static is(error: unknown, ...codes: ErrorCode[]): error is OperatorError {
    return isOurs(error) && (codes.length === 0 || codes.includes(error.code));
  }
}

// By its name: each of the editor's bundles contains its own copy of this class.
const isOurs = (error: unknown): error is OperatorError => error instanceof Error && error.name === 'OperatorError';

/** Rejection of an input, naming the rule and a proposal. Exit code 2 on the command line. */
export const invalid = (message: string, proposal?: Remedies): OperatorError =>
  new OperatorError('invalid-input', message, proposal === undefined ? {} : { remedy: proposal });

/** Converts any thrown value to an OperatorError; an unknown one is a bug of ours and reported as such. */
export const asOperatorError = (error: unknown): OperatorError => {
  if (isOurs(error)) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new OperatorError('cancelled', 'Cancelled', { cause: error });
  }
  const text = error instanceof Error ? error.message : String(error);
  return new OperatorError('internal', `Unexpected error: ${text}`, { cause: error });
};
