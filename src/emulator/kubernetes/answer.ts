/** An answer of the API server; `body` is sent as JSON unless it is a string. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/** A plain-text answer, as for /readyz. */
export const textAnswer = (code: number, body: string): Answer => ({ code, body });

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** An error in Kubernetes' own form (`Status` of API machinery). */
export const failure = (code: number, message: string, details?: object, reason = reasons[code]): Answer => ({
  code,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: reason ?? 'Unknown',
    ...(details === undefined ? {} : { details }),
    code,
  },
});

/** A Status of success. */
export const success = (code: number, details?: object): Answer => ({
  code,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details === undefined ? {} : { details }),
  },
});
