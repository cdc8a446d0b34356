import assert from 'node:assert/strict';
import test from 'node:test';
import { fromFailure, fromTransport, lateAnswer } from '../../src/gce/errors.ts';
import { operationFailure, requestFailure } from '../../src/gce/failure.ts';
import { OperatorError, type ErrorCode, type Retry } from '../../src/lib/operatorError.ts';

/** What came from Google, and what a person reads. */
interface Row {
  readonly name: string;
  readonly error: OperatorError;
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly message: string;
  readonly remedy?: RegExp;
  readonly outcomeUnknown?: boolean;
  readonly zones?: string[];
}

const request = (status: number, reason: string, message: string, more: object = {}): OperatorError => {
  const raw = JSON.stringify({ error: { code: status, message, errors: [{ reason, message }], ...more } });
  return fromFailure(requestFailure(status, raw, undefined));
};
const info = (reason: string, metadata: Record<string, string>) => ({
  details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com', metadata }],
});
const operation = (code: string, message: string, errorDetails: object[] = []): OperatorError =>
  fromFailure(operationFailure({ code, message, errorDetails }));
const net = (code: string): OperatorError =>
  fromTransport(
    'compute.googleapis.com',
    new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }),
  );

const rows: readonly Row[] = [
  {
    name: '401',
    error: request(401, 'authError', 'Request had invalid authentication credentials.'),
    code: 'not-signed-in',
    retry: 'never',
    message: 'Google rejected the credentials: Request had invalid authentication credentials.',
    remedy: /^Sign in: gcloud auth application-default login$/,
  },
  {
    name: '403 permission of Compute Engine',
    error: request(
      403,
      'forbidden',
      "Required 'compute.instances.create' permission for 'projects/p/zones/z/instances/i'",
    ),
    code: 'permission',
    retry: 'never',
    message: 'Permission missing: compute.instances.create',
    remedy: /role that includes it/,
  },
  {
    name: '403 permission of another service',
    error: request(
      403,
      'forbidden',
      "Permission 'secretmanager.secrets.create' denied for resource 'projects/p' (or it may not exist).",
    ),
    code: 'permission',
    retry: 'never',
    message: 'Permission missing: secretmanager.secrets.create',
  },
  {
    name: '403 API disabled, as Compute Engine says it',
    error: request(
      403,
      'accessNotConfigured',
      'Compute Engine API has not been used in project 123 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/compute.googleapis.com/overview?project=123',
    ),
    code: 'api-disabled',
    retry: 'never',
    message: 'The API is not enabled: compute.googleapis.com',
    remedy: /^Enable it: gcloud services enable compute\.googleapis\.com --project 123$/,
  },
  {
    name: '403 API disabled, as the other services say it',
    error: request(
      403,
      'forbidden',
      'disabled',
      info('SERVICE_DISABLED', { service: 'iam.googleapis.com', consumer: 'projects/42' }),
    ),
    code: 'api-disabled',
    retry: 'never',
    message: 'The API is not enabled: iam.googleapis.com',
    remedy: /gcloud services enable iam\.googleapis\.com --project 42$/,
  },
  {
    name: '403 rate',
    error: request(
      403,
      'rateLimitExceeded',
      "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'compute.googleapis.com'.",
    ),
    code: 'rate-limit',
    retry: 'soon',
    message:
      "Google's rate limit was exceeded: Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'compute.googleapis.com'.",
  },
  {
    name: '403 quota at once',
    error: request(403, 'quotaExceeded', "Quota 'CPUS' exceeded.  Limit: 8.0 in region us-central1."),
    code: 'quota',
    retry: 'never',
    message: "Quota exceeded: Quota 'CPUS' exceeded.  Limit: 8.0 in region us-central1.",
    remedy: /iam-admin\/quotas/,
  },
  {
    name: '403 billing',
    error: request(
      403,
      'forbidden',
      'This API method requires billing to be enabled. Please enable billing on project p.',
    ),
    code: 'billing',
    retry: 'never',
    message:
      'Billing is not enabled: This API method requires billing to be enabled. Please enable billing on project p.',
    remedy: /gcloud billing projects link p /,
  },
  {
    name: '404',
    error: request(404, 'notFound', "The resource 'projects/p/zones/z' was not found"),
    code: 'not-found',
    retry: 'never',
    message: "Not found: The resource 'projects/p/zones/z' was not found",
  },
  {
    name: '404 of a service account stays "not found"',
    error: request(404, 'notFound', 'Service account tz@p.iam.gserviceaccount.com does not exist.'),
    code: 'not-found',
    retry: 'never',
    message: 'Not found: Service account tz@p.iam.gserviceaccount.com does not exist.',
  },
  {
    name: '409 already there',
    error: request(409, 'alreadyExists', "The resource 'projects/p/global/networks/n' already exists"),
    code: 'already-exists',
    retry: 'never',
    message: "Already exists: The resource 'projects/p/global/networks/n' already exists",
    remedy: /another name/,
  },
  {
    name: '409 already there, as Secret Manager says it',
    error: request(409, '', 'Secret [s] already exists.', { status: 'ALREADY_EXISTS' }),
    code: 'already-exists',
    retry: 'never',
    message: 'Already exists: Secret [s] already exists.',
  },
  {
    name: '409 operation in progress',
    error: request(409, 'operationInProgress', 'busy'),
    code: 'conflict',
    retry: 'soon',
    message: 'Another operation is in progress: busy',
  },
  {
    name: '409 concurrent change of a policy',
    error: request(409, '', 'There were concurrent policy changes.', { status: 'ABORTED' }),
    code: 'conflict',
    retry: 'later',
    message: 'The resource was changed by another request: There were concurrent policy changes.',
  },
  {
    name: '412',
    error: request(412, 'conditionNotMet', 'Labels fingerprint either invalid or resource labels have changed'),
    code: 'conflict',
    retry: 'later',
    message:
      'The resource was changed by another request: Labels fingerprint either invalid or resource labels have changed',
  },
  {
    name: '429 without a body that is understood',
    error: fromFailure(requestFailure(429, '<html>', 7_000)),
    code: 'rate-limit',
    retry: 'soon',
    message: "Google's rate limit was exceeded: HTTP status 429",
  },
  ...[500, 502, 503].map((status): Row => ({
    name: String(status),
    error: fromFailure(requestFailure(status, '<html>Bad Gateway</html>', undefined)),
    code: 'unavailable',
    retry: 'soon',
    message: `Google is unavailable: HTTP status ${status}`,
    outcomeUnknown: true,
  })),
  {
    name: '400',
    error: request(400, 'invalid', "Invalid value for field 'resource.name': 'Bad_Name'."),
    code: 'bad-request',
    retry: 'never',
    message: "Google refused the request: Invalid value for field 'resource.name': 'Bad_Name'.",
  },
  {
    name: '400 resource not ready',
    error: request(400, 'resourceNotReady', "The resource 'projects/p/regions/r/subnetworks/s' is not ready"),
    code: 'not-ready',
    retry: 'soon',
    message: "Not ready yet: The resource 'projects/p/regions/r/subnetworks/s' is not ready",
  },
  {
    name: '400 in use',
    error: request(400, 'resourceInUseByAnotherResource', "The disk 'd' is already being used by 'i'"),
    code: 'in-use',
    retry: 'later',
    message: "Still in use: The disk 'd' is already being used by 'i'",
  },
  {
    name: '400 failed precondition',
    error: request(400, '', 'Secret Version [1] is in DESTROYED state.', { status: 'FAILED_PRECONDITION' }),
    code: 'not-ready',
    retry: 'later',
    message: 'Not possible in the current state: Secret Version [1] is in DESTROYED state.',
  },
  {
    name: '400 new service account in a policy',
    error: request(400, '', 'Service account tz@p.iam.gserviceaccount.com does not exist.', {
      status: 'INVALID_ARGUMENT',
    }),
    code: 'not-ready',
    retry: 'later',
    message: 'The service account has not propagated yet: Service account tz@p.iam.gserviceaccount.com does not exist.',
    remedy: /few minutes/,
  },
  {
    name: 'operation: in use',
    error: operation('RESOURCE_IN_USE_BY_ANOTHER_RESOURCE', "The network resource 'n' is already being used by 'f'"),
    code: 'in-use',
    retry: 'later',
    message: "Still in use: The network resource 'n' is already being used by 'f'",
  },
  {
    name: 'operation: not ready is for later, the request id is used up',
    error: operation('RESOURCE_NOT_READY', 'not ready'),
    code: 'not-ready',
    retry: 'later',
    message: 'Not ready yet: not ready',
  },
  {
    name: 'operation: stock-out',
    error: operation('ZONE_RESOURCE_POOL_EXHAUSTED', "The zone 'projects/p/zones/z' does not have enough resources"),
    code: 'stock-out',
    retry: 'elsewhere',
    message: "Google has no capacity: The zone 'projects/p/zones/z' does not have enough resources",
    remedy: /another zone or machine type/,
    zones: [],
  },
  {
    name: 'operation: stock-out that names better zones',
    error: operation('ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS', 'does not have enough resources', [
      { help: { links: [] } },
      {
        localizedMessage: {
          locale: 'en-US',
          message: 'A e2-standard-2 VM instance is currently unavailable in the z zone.',
        },
      },
      {
        errorInfo: {
          reason: 'resource_availability',
          domain: 'compute.googleapis.com',
          metadatas: { vmType: 'e2-standard-2', zone: 'z', zonesAvailable: 'europe-west1-c,europe-west1-d' },
        },
      },
    ]),
    code: 'stock-out',
    retry: 'elsewhere',
    message: 'Google has no capacity: A e2-standard-2 VM instance is currently unavailable in the z zone.',
    remedy: /europe-west1-c, europe-west1-d/,
    zones: ['europe-west1-c', 'europe-west1-d'],
  },
  {
    name: 'operation: quota',
    error: operation('QUOTA_EXCEEDED', 'Quota exceeded', [
      { help: {} },
      {
        quotaInfo: {
          metricName: 'compute.googleapis.com/cpus',
          limitName: 'CPUS-per-project-region',
          dimensions: { region: 'europe-west1' },
          limit: 8,
        },
      },
    ]),
    code: 'quota',
    retry: 'never',
    message: 'Quota exceeded: CPUS-per-project-region, limit 8 in region europe-west1',
  },
  {
    name: 'operation: service account not found',
    error: operation(
      'RESOURCE_NOT_FOUND',
      "The resource 'projects/p/serviceAccounts/tz@p.iam.gserviceaccount.com' of type 'serviceAccount' was not found.",
    ),
    code: 'not-ready',
    retry: 'later',
    message:
      "The service account has not propagated yet: The resource 'projects/p/serviceAccounts/tz@p.iam.gserviceaccount.com' of type 'serviceAccount' was not found.",
  },
  {
    name: 'operation: service account access denied',
    error: operation('SERVICE_ACCOUNT_ACCESS_DENIED', 'The user does not have access to service account tz.'),
    code: 'not-ready',
    retry: 'later',
    message: 'The service account has not propagated yet: The user does not have access to service account tz.',
  },
  {
    name: 'operation: something else was not found',
    error: operation('RESOURCE_NOT_FOUND', "The resource 'projects/p/zones/z/disks/d' was not found"),
    code: 'not-found',
    retry: 'never',
    message: "Not found: The resource 'projects/p/zones/z/disks/d' was not found",
  },
  {
    name: 'operation: already there',
    error: operation('RESOURCE_ALREADY_EXISTS', 'already exists'),
    code: 'already-exists',
    retry: 'never',
    message: 'Already exists: already exists',
  },
  {
    name: 'operation: fingerprint',
    error: operation('CONDITION_NOT_MET', 'Invalid fingerprint.'),
    code: 'conflict',
    retry: 'later',
    message: 'The resource was changed by another request: Invalid fingerprint.',
  },
  {
    name: 'operation: internal error',
    error: operation('INTERNAL_ERROR', 'Internal error. Please try again.'),
    code: 'operation-failed',
    retry: 'later',
    message: 'The operation failed with an internal error at Google: Internal error. Please try again.',
  },
  {
    name: 'operation: anything else',
    error: operation('UNSUPPORTED_OPERATION', 'Cannot do that.'),
    code: 'operation-failed',
    retry: 'never',
    message: 'The operation failed: Cannot do that.',
  },
  {
    name: 'reset',
    error: net('ECONNRESET'),
    code: 'unavailable',
    retry: 'soon',
    message: 'Cannot reach compute.googleapis.com: connection reset',
    outcomeUnknown: true,
  },
  {
    name: 'refused',
    error: net('ECONNREFUSED'),
    code: 'unavailable',
    retry: 'soon',
    message: 'Cannot reach compute.googleapis.com: connection refused',
    outcomeUnknown: false,
  },
  {
    name: 'DNS',
    error: net('ENOTFOUND'),
    code: 'unavailable',
    retry: 'soon',
    message: 'Cannot reach compute.googleapis.com: name not found (DNS)',
    outcomeUnknown: false,
  },
  {
    name: 'a certificate that does not verify is never tried again',
    error: net('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    code: 'unavailable',
    retry: 'never',
    message: 'Cannot reach compute.googleapis.com: fetch failed UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    remedy: /NODE_EXTRA_CA_CERTS/,
  },
  {
    name: 'time-out',
    error: lateAnswer('compute.googleapis.com', 60),
    code: 'timeout',
    retry: 'soon',
    message: 'Request timed out: compute.googleapis.com, 60 s',
    outcomeUnknown: true,
  },
];

for (const row of rows) {
  test(`classifies ${row.name}`, () => {
    const { code, retry, message, remedy, outcomeUnknown, zonesAvailable } = row.error;
    assert.deepEqual({ code, retry, message }, { code: row.code, retry: row.retry, message: row.message });
    if (row.remedy) assert.match(remedy ?? '', row.remedy);
    if (row.outcomeUnknown !== undefined) assert.equal(outcomeUnknown, row.outcomeUnknown);
    if (row.zones) assert.deepEqual(zonesAvailable, row.zones);
  });
}

test('keeps what Retry-After asked', () => {
  assert.equal(fromFailure(requestFailure(429, '', 7_000)).retryAfterMs, 7_000);
});
