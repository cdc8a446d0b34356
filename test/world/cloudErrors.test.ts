import test from 'node:test';
import type { FaultRule } from '../../src/emulator/faults.ts';
import { always, byHand, disk, meet, refuses, status, type CloudError } from './cloudErrors.ts';

type Match = FaultRule['match'];

const secret: Match = { kind: 'secrets', verb: 'create' };
const rootLabels: Match = { kind: 'addresses', verb: 'setLabels', name: 'kubernetes-master-ip' };
const inserts: Match = { method: 'POST', verb: 'insert' };
const badToken = status(401, 'authError', 'Request had invalid authentication credentials.');
const signIn = [
  'Error (not-signed-in): Google rejected the credentials: Request had invalid authentication credentials.',
  '  Sign in:',
  '    gcloud auth application-default login',
];
const slowDown = 'Quota exceeded for quota metric Queries';
const stale = 'Labels fingerprint either invalid or resource labels have changed';
const noPermission =
  "Required 'compute.disks.create' permission for 'projects/demo-project/zones/europe-west1-b/disks/kubernetes-master-pd'";
const noSecretPermission =
  "Permission 'secretmanager.secrets.create' denied for resource 'projects/demo-project' (or it may not exist).";
const apiOff =
  'Secret Manager API has not been used in project 123456789012 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/secretmanager.googleapis.com/overview?project=123456789012 then retry.';
const rolesHelp = '  Ask a project owner for a role that includes it.';
const outage = '  Try again in a few minutes. For incidents, see https://status.cloud.google.com';
const networkMade = /network:kubernetes-net .* done/;

const rows: CloudError[] = [
  { error: '401 once: the sign-in is renewed', faults: refuses(disk, badToken) },
  { error: '401: the sign-in has ended', faults: refuses(disk, badToken, always), ends: { exit: 1, says: signIn } },
  {
    error: '401 for everything from the middle on, the release of the lease included',
    during: { log: networkMade, by: (w) => w.emulator.faults.set(refuses({}, badToken, always)) },
    ends: { exit: 1, says: [/^Error \(not-signed-in\): Google rejected the credentials: /, ...signIn.slice(1)] },
    logs: [/To resume: trizone resume .* To undo: trizone undo /],
  },
  {
    error: '403: permission missing',
    faults: refuses(disk, status(403, 'forbidden', noPermission), always),
    ends: { exit: 1, says: ['Error (permission): Permission missing: compute.disks.create', rolesHelp] },
  },
  {
    error: '403: permission missing, from Secret Manager',
    faults: refuses(secret, status(403, 'forbidden', noSecretPermission), always),
    ends: { exit: 1, says: ['Error (permission): Permission missing: secretmanager.secrets.create', rolesHelp] },
  },
  {
    error: '403: API disabled in the middle',
    faults: refuses(secret, status(403, 'accessNotConfigured', apiOff), always),
    ends: {
      exit: 1,
      says: [
        'Error (api-disabled): The API is not enabled: secretmanager.googleapis.com',
        '  Enable it:',
        '    gcloud services enable secretmanager.googleapis.com --project 123456789012',
      ],
    },
  },
  {
    error: '403 rateLimitExceeded, four times',
    faults: refuses({ method: 'POST' }, status(403, 'rateLimitExceeded', slowDown), { nth: 10, times: 4 }),
  },
  {
    error: '403 rateLimitExceeded without end',
    faults: refuses(disk, status(403, 'rateLimitExceeded', slowDown), always),
    ends: {
      exit: 1,
      says: [
        `Error (rate-limit): Google's rate limit was exceeded: ${slowDown} (retried for 300 s: Create disk for kubernetes-master)`,
        '  Wait a minute and try again.',
      ],
    },
  },
  {
    error: '404: a disk that was deleted by hand before its machine was made',
    during: {
      log: /disk:kubernetes-master-pd .* done/,
      by: (w) => byHand(w, 'DELETE', 'zones/europe-west1-b/disks/kubernetes-master-pd'),
    },
    ends: {
      exit: 1,
      says: [
        "Error (not-found): Not found: The resource 'projects/demo-project/zones/europe-west1-b/disks/kubernetes-master-pd' was not found",
        '  Check the project, zone, and name. If it was deleted during the run, re-create it:',
        '    trizone resume',
      ],
    },
  },
  {
    error: '404: a master that was deleted by hand while it boots',
    during: {
      log: /register:kubernetes-master .* done/,
      by: async (w) => {
        const path = 'zones/europe-west1-b/instances/kubernetes-master';
        await byHand(w, 'POST', `${path}/setDeletionProtection?deletionProtection=false`);
        await byHand(w, 'DELETE', path);
      },
    },
    ends: {
      exit: 1,
      says: [
        'Error (boot-failed): The instance was deleted while it was starting: kubernetes-master',
        '  Resume creates it again; undo deletes what is left of it.',
      ],
    },
  },
  {
    error: '404 while tearing down: somebody else was faster',
    verb: 'down',
    during: {
      log: /remove-instanceGroupManagers:.* done/,
      by: (w) => byHand(w, 'DELETE', 'global/firewalls/kubernetes-iap-ssh'),
    },
  },
  {
    error: '409: a resource of somebody else has our name',
    before: (w) => byHand(w, 'POST', 'zones/europe-west1-b/disks', { name: 'kubernetes-master-pd', sizeGb: '10' }),
    ends: {
      exit: 3,
      says: [
        'Error (foreign): Already exists but is not part of this cluster: disk kubernetes-master-pd in europe-west1-b (it has no Trizone marker)',
        '  Choose another name, or rename or delete that resource yourself.',
      ],
    },
    mend: (w) => byHand(w, 'DELETE', 'zones/europe-west1-b/disks/kubernetes-master-pd'),
  },
  {
    error: '409: the same, made after the plan was shown',
    confirming: (w) => byHand(w, 'POST', 'zones/europe-west1-b/disks', { name: 'kubernetes-master-pd', sizeGb: '10' }),
    ends: {
      exit: 3,
      says: [
        'Error (foreign): Already exists but is not part of this cluster: disk kubernetes-master-pd in europe-west1-b (it has no Trizone marker)',
        '  Choose another name, or rename or delete that resource yourself.',
      ],
    },
    mend: (w) => byHand(w, 'DELETE', 'zones/europe-west1-b/disks/kubernetes-master-pd'),
  },
  {
    error: '412: the fingerprint is old, once at each place',
    faults: [1, 2, 3].flatMap((nth) => refuses(rootLabels, status(412, 'conditionNotMet', stale), { nth })),
  },
  {
    error: '412 without end',
    faults: refuses(rootLabels, status(412, 'conditionNotMet', stale), always),
    ends: {
      exit: 1,
      says: [
        `Error (conflict): The resource was changed by another request: ${stale} (retried for 600 s: Acquire the cluster lease)`,
        '  Check the resource, then try again.',
      ],
    },
  },
  {
    error: '429 with Retry-After is waited for',
    faults: refuses({ kind: 'networks', verb: 'insert' }, status(429, 'rateLimitExceeded', slowDown, 60), { times: 3 }),
    atLeast: 450,
  },
  {
    error: '500, twice',
    faults: refuses(inserts, status(500, 'internalError', 'Internal error'), { nth: 3, times: 2 }),
  },
  {
    error: '503, nine times in a row',
    faults: refuses({ method: 'POST' }, status(503, 'backendError', 'Backend Error'), { nth: 20, times: 9 }),
  },
  {
    error: '503 without end for one thing',
    faults: refuses(disk, status(503, 'backendError', 'Backend Error'), always),
    ends: {
      exit: 1,
      says: [
        'Error (unavailable): Google is unavailable: Backend Error (retried for 300 s: Create disk for kubernetes-master)',
        outage,
      ],
    },
  },
  {
    error: '503 for everything from the middle on, the release of the lease included',
    during: {
      log: networkMade,
      by: (w) => w.emulator.faults.set(refuses({}, status(503, 'backendError', 'Backend Error'), always)),
    },
    ends: {
      exit: 1,
      says: [/^Error \(unavailable\): Google is unavailable: Backend Error .*\(retried for \d+ s: .*\)$/, outage],
    },
    logs: [/To resume: trizone resume /],
  },
  {
    error: 'reset before the effect, at four inserts',
    faults: refuses(inserts, 'resetBefore', { ...always, times: 4 }),
  },
  { error: 'reset after the effect, at four inserts', faults: refuses(inserts, 'resetAfter', { ...always, times: 4 }) },
  {
    error: 'reset after the effect, at everything else that writes or waits',
    faults: refuses({ method: 'POST' }, 'resetAfter', { nth: 10, times: 12 }),
  },
  {
    error: 'reset before the effect, without end',
    faults: refuses(disk, 'resetBefore', always),
    ends: {
      exit: 1,
      says: [
        'Error (unavailable): Cannot reach 127.0.0.1:…: connection reset (retried for 300 s: Create disk for kubernetes-master)',
        '  Check the network and the proxy settings. If you use the emulator, check that it is running.',
      ],
    },
  },
];

for (const row of rows) test(row.error, (t) => meet(t, row));
