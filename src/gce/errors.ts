import { OperatorError, type ErrorCode, type Retry } from '../lib/operatorError.ts';
import { command, toRun, toVisit, type Remedies } from '../lib/remedy.ts';
import type { Failure } from './failure.ts';

/** One class of failures: when it applies (`when`) and how we classify it. The first matching row wins. */
interface Row {
  readonly when: (f: Failure) => boolean;
  readonly code: ErrorCode;
  /** For a request. `soon` becomes `later` for a failed operation: its request ID is used up. */
  readonly retry: Retry;
  readonly what: (f: Failure) => string;
  readonly remedy?: (f: Failure) => Remedies;
  readonly outcomeUnknown?: true;
}

const reason =
  (...words: string[]) =>
  (failure: Failure): boolean =>
    failure.reasons.some((r) => words.includes(r));
const status =
  (...codes: number[]) =>
  (failure: Failure): boolean =>
    failure.status !== undefined && codes.includes(failure.status);
const any =
  (...tests: ((f: Failure) => boolean)[]) =>
  (failure: Failure): boolean =>
    tests.some((test) => test(failure));

const project = (failure: Failure): string =>
  (
    failure.facts.consumer ??
    /project[ /]'?([a-z0-9](?:[-a-z0-9:.]*[a-z0-9])?)/i.exec(failure.message)?.[1] ??
    'PROJECT'
  ).replace('projects/', '');
const service = (failure: Failure): string =>
  failure.facts.service ?? /([a-z]+\.googleapis\.com)/.exec(failure.message)?.[1] ?? 'compute.googleapis.com';
const permission = (failure: Failure): string | undefined =>
  failure.facts.permission ??
  /'?([a-z]+(?:\.[a-zA-Z]+){2,})'? permission|[Pp]ermission '([^']+)'/.exec(failure.message)?.slice(1).find(Boolean);
const zones = (f: Failure): string[] => (f.facts.zonesAvailable ?? '').split(/[,\s]+/).filter((zone) => zone !== '');

// Google's own codes: no complete public list exists (gce-api.md); anything unknown falls through to the last rows.
const stockOut = (f: Failure): boolean => f.reasons.some((r) => /resourcepoolexhausted|stockout/.test(r));
const newAccount = (failure: Failure): boolean =>
  reason('serviceaccountaccessdenied')(failure) ||
  (any((x) => x.status === undefined, status(400))(failure) &&
    /service ?account.*(not found|does not exist)/i.test(failure.message));
const billing = (failure: Failure): boolean =>
  failure.reasons.some((r) => r.startsWith('billing')) || (status(403)(failure) && /billing/i.test(failure.message));

const rows: readonly Row[] = [
  {
    when: stockOut,
    code: 'stock-out',
    retry: 'elsewhere',
    what: (f) => `Google has no capacity: ${f.message}`,
    remedy: (failure) =>
      zones(failure).length > 0
        ? `These zones may have capacity: ${zones(failure).join(', ')}. Undo this run and use one of them, or resume later.`
        : 'Undo this run and use another zone or machine type, or resume later.',
  },
  {
    when: newAccount,
    code: 'not-ready',
    retry: 'later',
    what: (f) => `The service account has not propagated yet: ${f.message}`,
    remedy: () => 'A new service account takes a few minutes to propagate. Try again.',
  },
  {
    when: status(401),
    code: 'not-signed-in',
    retry: 'never',
    what: (f) => `Google rejected the credentials: ${f.message}`,
    remedy: () => toRun('Sign in', command`gcloud auth application-default login`),
  },
  {
    when: reason('accessnotconfigured', 'servicedisabled'),
    code: 'api-disabled',
    retry: 'never',
    what: (f) => `The API is not enabled: ${service(f)}`,
    remedy: (f) => toRun('Enable it', command`gcloud services enable ${service(f)} --project ${project(f)}`),
  },
  {
    when: billing,
    code: 'billing',
    retry: 'never',
    what: (f) => `Billing is not enabled: ${f.message}`,
    remedy: (failure) =>
      toRun(
        'Link a billing account',
        command`gcloud billing projects link ${project(failure)} --billing-account ACCOUNT`,
      ),
  },
  {
    when: any(status(429), reason('ratelimitexceeded', 'userratelimitexceeded', 'resourceoperationrateexceeded')),
    code: 'rate-limit',
    retry: 'soon',
    what: (f) => `Google's rate limit was exceeded: ${f.message}`,
    remedy: () => 'Wait a minute and try again.',
  },
  {
    when: reason('quotaexceeded', 'limitexceeded'),
    code: 'quota',
    retry: 'never',
    what: (f) => `Quota exceeded: ${f.quota ?? f.message}`,
    remedy: () =>
      toVisit(
        'Free up quota, use fewer or smaller instances, or request an increase',
        'https://console.cloud.google.com/iam-admin/quotas',
      ),
  },
  {
    when: reason('resourceinuse', 'resourceinusebyanotherresource'),
    code: 'in-use',
    retry: 'later',
    what: (f) => `Still in use: ${f.message}`,
    remedy: () => 'Delete the resources that use it first.',
  },
  {
    when: reason('resourcenotready'),
    code: 'not-ready',
    retry: 'soon',
    what: (f) => `Not ready yet: ${f.message}`,
    remedy: () => 'Try again in a minute.',
  },
  {
    when: reason('failedprecondition'),
    code: 'not-ready',
    retry: 'later',
    what: (f) => `Not possible in the current state: ${f.message}`,
    remedy: () => 'Check its state, then try again.',
  },
  {
    when: reason('operationinprogress'),
    code: 'conflict',
    retry: 'soon',
    what: (f) => `Another operation is in progress: ${f.message}`,
    remedy: () => 'Try again in a minute.',
  },
  {
    when: reason('alreadyexists', 'resourcealreadyexists'),
    code: 'already-exists',
    retry: 'never',
    what: (f) => `Already exists: ${f.message}`,
    remedy: () => 'Delete it, or choose another name.',
  },
  {
    when: any(status(404), reason('notfound', 'resourcenotfound')),
    code: 'not-found',
    retry: 'never',
    what: (f) => `Not found: ${f.message}`,
    remedy: () =>
      toRun(
        'Check the project, zone, and name. If it was deleted during the run, re-create it',
        command`trizone resume`,
      ),
  },
  {
    when: any(status(409, 412), reason('conditionnotmet')),
    code: 'conflict',
    retry: 'later',
    what: (f) => `The resource was changed by another request: ${f.message}`,
    remedy: () => 'Check the resource, then try again.',
  },
  {
    when: any(status(403), reason('permissionserror')),
    code: 'permission',
    retry: 'never',
    what: (f) => `Permission missing: ${permission(f) ?? f.message}`,
    remedy: () => 'Ask a project owner for a role that includes it.',
  },
  {
    when: any(status(408), (f) => f.status !== undefined && f.status >= 500),
    code: 'unavailable',
    retry: 'soon',
    what: (f) => `Google is unavailable: ${f.message}`,
    remedy: () => 'Try again in a few minutes. For incidents, see https://status.cloud.google.com',
    outcomeUnknown: true,
  },
  {
    when: reason('internalerror'),
    code: 'operation-failed',
    retry: 'later',
    what: (f) => `The operation failed with an internal error at Google: ${f.message}`,
    remedy: () => 'Try again.',
  },
  {
    when: (f) => f.status === undefined,
    code: 'operation-failed',
    retry: 'never',
    what: (f) => `The operation failed: ${f.message}`,
  },
];

const lastRow: Row = {
  when: () => true,
  code: 'bad-request',
  retry: 'never',
  what: (f) => `Google refused the request: ${f.message}`,
};

/** Classifies a failure reported by Google: the only place that decides what a failure means. */
export const fromFailure = (failure: Failure): OperatorError => {
  const row = rows.find((r) => r.when(failure)) ?? lastRow;
  return new OperatorError(row.code, row.what(failure).trim(), {
    retry: failure.status === undefined && row.retry === 'soon' ? 'later' : row.retry,
    ...(row.remedy && { remedy: row.remedy(failure) }),
    ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
    ...(row.outcomeUnknown && { outcomeUnknown: true }),
    zonesAvailable: row.code === 'stock-out' ? zones(failure) : [],
  });
};

// Codes of Node's network layer → description; `true` if the request was certainly never sent.
const transport: Readonly<Record<string, readonly [string, boolean]>> = {
  ECONNREFUSED: ['connection refused', true],
  ENOTFOUND: ['name not found (DNS)', true],
  EAI_AGAIN: ['name not found (DNS)', true],
  EHOSTUNREACH: ['host unreachable', true],
  ENETUNREACH: ['network unreachable', true],
  UND_ERR_CONNECT_TIMEOUT: ['connection timed out', true],
  ECONNRESET: ['connection reset', false],
  EPIPE: ['connection reset', false],
  UND_ERR_SOCKET: ['connection closed', false],
  ETIMEDOUT: ['no response', false],
};

/** Whether an error comes from the network rather than from the server. */
export const isTransport = (error: unknown): boolean => netCode(error) in transport;

const netCode = (error: unknown): string => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return '';
};

/** A request without a response: reset, refused, DNS, an untrusted certificate. */
export const fromTransport = (host: string, error: unknown): OperatorError => {
  const code = netCode(error);
  const [words, unsent] = transport[code] ?? [error instanceof Error ? `${error.message} ${code}`.trim() : code, false];
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code);
  return new OperatorError('unavailable', `Cannot reach ${host}: ${words}`, {
    cause: error,
    retry: untrusted ? 'never' : 'soon',
    remedy: untrusted
      ? "The server's certificate cannot be verified. If your company's proxy signs it, set NODE_EXTRA_CA_CERTS to that CA."
      : 'Check the network and the proxy settings. If you use the emulator, check that it is running.',
    outcomeUnknown: !unsent && !untrusted,
  });
};

/** A request that was sent but not answered in time. */
export const lateAnswer = (host: string, seconds: number): OperatorError =>
  new OperatorError('timeout', `Request timed out: ${host}, ${seconds} s`, {
    retry: 'soon',
    remedy: 'Check the network and try again.',
    outcomeUnknown: true,
  });
