/**
 * A refusal in Google's form. Not an OperatorError: it is an answer of the
 * emulator, not a failure, and clients see only its status, reason, and text.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly details: readonly ApiErrorDetail[];
  /** google.rpc.Code name: sent by all services except Compute Engine. */
  readonly rpcStatus: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: string, message: string, more: ApiErrorExtras = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.details = more.details ?? [{ message, domain: more.domain ?? 'global', reason, ...more.location }];
    this.rpcStatus = more.rpcStatus;
    this.headers = more.headers ?? {};
  }

  get reason(): string {
    return this.details[0]?.reason ?? 'invalid';
  }

  /** The JSON body, as the REST transport of Google's services sends it. */
  body(): unknown {
    const status = this.rpcStatus === undefined ? {} : { status: this.rpcStatus };
    return { error: { code: this.status, message: this.message, errors: this.details, ...status } };
  }
}

/** One entry of `error.errors`. */
export interface ApiErrorDetail {
  readonly message: string;
  readonly domain: string;
  readonly reason: string;
  readonly location?: string;
  readonly locationType?: string;
}

interface ApiErrorExtras {
  readonly domain?: string;
  readonly details?: readonly ApiErrorDetail[];
  readonly location?: { readonly location: string; readonly locationType: string };
  readonly rpcStatus?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** 400 `invalid`. */
export const invalidValue = (message: string): ApiError => new ApiError(400, 'invalid', message);

/** 400 `invalid` in Compute's usual wording for one field. */
export const invalidField = (field: string, value: unknown, why: string): ApiError =>
  invalidValue(`Invalid value for field '${field}': '${String(value)}'. ${why}`);

/** 404, with the path below `projects/`. */
export const notFound = (path: string): ApiError =>
  new ApiError(404, 'notFound', `The resource '${path}' was not found`);

/** 409: an insert under a name that is taken. */
export const alreadyExists = (path: string): ApiError =>
  new ApiError(409, 'alreadyExists', `The resource '${path}' already exists`);

/** 400 `resourceNotReady`: an operation on it is in progress; worth a retry. */
export const notReady = (path: string): ApiError =>
  new ApiError(400, 'resourceNotReady', `The resource '${path}' is not ready`);

/** 400 `resourceInUseByAnotherResource`. */
export const inUse = (noun: string, path: string, user: string): ApiError =>
  new ApiError(
    400,
    'resourceInUseByAnotherResource',
    `The ${noun} resource '${path}' is already being used by '${user}'`,
  );

/** 412: the fingerprint was not the current one. */
export const conditionNotMet = (message: string): ApiError =>
  new ApiError(412, 'conditionNotMet', message, { location: { location: 'If-Match', locationType: 'header' } });

/** An error of Secret Manager, IAM, Resource Manager or Service Usage, which carry the canonical code's name. */
export const rpcError = (status: number, rpcStatus: string, message: string): ApiError =>
  new ApiError(status, rpcReasons[rpcStatus] ?? 'backendError', message, { rpcStatus });

const rpcReasons: Readonly<Record<string, string>> = {
  INVALID_ARGUMENT: 'badRequest',
  NOT_FOUND: 'notFound',
  ALREADY_EXISTS: 'alreadyExists',
  PERMISSION_DENIED: 'forbidden',
  ABORTED: 'aborted',
  FAILED_PRECONDITION: 'failedPrecondition',
};
