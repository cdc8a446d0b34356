/** What the API server answers; `body` is sent as JSON unless it is a text. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/** A plain text, as /readyz gives it. */
export const text = (code: number, body: string): Answer => ({ code, body });

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** An error in Kubernetes' own form (`Status` of API machinery). */
export const failure = (code: number, message: string, details?: object): Answer => ({
  code,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: reasons[code] ?? 'Unknown',
    ...(details === undefined ? {} : { details }),
    code,
  },
});
