import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { printError } from '../../src/cli/failure.ts';
import { regionLimits } from '../../src/emulator/data/quotas.ts';
import type { Fault, FaultRule } from '../../src/emulator/faults.ts';
import { defaultLatency } from '../../src/emulator/latency.ts';
import { articleWish, cloudWorld } from '../support/cloudWorld.ts';
import { always, byHand, disk, meet, refuses, type CloudError } from './cloudErrors.ts';

type Match = FaultRule['match'];

const master: Match = { kind: 'instances', verb: 'insert', name: 'kubernetes-master' };
const nodes: Match = { kind: 'instances', verb: 'insert', name: 'kubernetes-minion-.*' };
const quotaHelp = [
  '  Free up quota, use fewer or smaller instances, or request an increase:',
  '    https://console.cloud.google.com/iam-admin/quotas',
];
const resumes = ['  To wait for the operation and continue:', '    trizone resume'];
const stockOut: Fault = { type: 'stockOut', zonesAvailable: ['europe-west1-c', 'europe-west1-d'] };
const noCapacity =
  'Google has no capacity: A e2-standard-2 VM instance is currently unavailable in the europe-west1-b zone. Consider trying your request in another zone, or try again later.';
const otherZones =
  '  These zones may have capacity: europe-west1-c, europe-west1-d. Undo this run and use one of them, or resume later.';
const failsInside: Fault = {
  ...{ type: 'operationError', code: 'INTERNAL_ERROR', httpStatus: 500 },
  message: "Internal error. Please try again or contact Google Support. (Code: '5B4D')",
};
const failedInside = [
  "Error (operation-failed): The operation failed with an internal error at Google: Internal error. Please try again or contact Google Support. (Code: '5B4D')",
  '  Try again.',
];
/** The durations of Google, but for one kind of operation that takes an hour. */
const slow = (operation: string) => ({ latency: { ...defaultLatency, [operation]: [3600, 3600] as const } });
const anHour = { mend: (w: { clock: { sleep(ms: number): Promise<void> } }) => w.clock.sleep(3_600_000) };

const rows: CloudError[] = [
  {
    error: "stock-out: no capacity for the master's machine",
    faults: refuses(master, stockOut),
    ends: { exit: 1, says: [`Error (stock-out): ${noCapacity}`, otherZones] },
  },
  {
    error: "stock-out: no capacity for any of the pool's machines",
    faults: refuses(nodes, stockOut, always),
    ends: { exit: 1, says: [`Error (stock-out): 0 of 3 instances in the pool are running. ${noCapacity}`, otherZones] },
    logs: [/fill-pool:.* 0\/3 running; Google has no capacity/],
  },
  {
    error: "stock-out: no capacity for one of the pool's machines",
    faults: refuses(nodes, stockOut, { nth: 3, times: 1000 }),
    ends: { exit: 1, says: [`Error (stock-out): 2 of 3 instances in the pool are running. ${noCapacity}`, otherZones] },
  },
  {
    error: "stock-out that is over at the group's own next attempt",
    faults: refuses(nodes, stockOut, { ...always, times: 3 }),
    logs: [/fill-pool:.* 0\/3 running; Google has no capacity/],
  },
  {
    error: 'quota: the request is refused',
    faults: refuses(disk, { type: 'quota', form: 'request', metric: 'SSD_TOTAL_GB', limit: 500 }),
    ends: {
      exit: 1,
      says: [
        "Error (quota): Quota exceeded: Quota 'SSD_TOTAL_GB' exceeded.  Limit: 500.0 in region emulated.",
        ...quotaHelp,
      ],
    },
  },
  {
    error: 'quota: the operation fails',
    faults: refuses(disk, { type: 'quota', form: 'operation', metric: 'SSD_TOTAL_GB', limit: 500 }),
    ends: {
      exit: 1,
      says: [
        'Error (quota): Quota exceeded: SSD_TOTAL_GB-per-project-region, limit 500 in region europe-west1',
        ...quotaHelp,
      ],
    },
  },
  {
    error: "quota: the pool's machines do not fit",
    faults: refuses(nodes, { type: 'quota', form: 'operation', metric: 'CPUS', limit: 24 }, always),
    ends: {
      exit: 1,
      says: [
        'Error (quota): 0 of 3 instances in the pool are running. Quota exceeded: CPUS-per-project-region, limit 24 in region europe-west1',
        ...quotaHelp,
      ],
    },
  },
  {
    error: 'an operation fails',
    faults: refuses({ kind: 'networks', verb: 'insert' }, failsInside),
    ends: { exit: 1, says: failedInside },
  },
  {
    error: 'an operation fails while tearing down',
    verb: 'down',
    faults: refuses({ kind: 'instances', method: 'DELETE' }, failsInside),
    ends: { exit: 1, says: failedInside },
  },
  {
    error: 'an operation fails because the new account is not known everywhere',
    faults: refuses(
      master,
      {
        ...{ type: 'operationError', code: 'SERVICE_ACCOUNT_ACCESS_DENIED', httpStatus: 403 },
        message: 'The user does not have access to service account',
      },
      { times: 3 },
    ),
    logs: [/master:kubernetes-master The service account has not propagated yet: .*; retrying/],
  },
  {
    error: 'an operation does not end in time: the machine of the master',
    cloud: slow('instances.insert'),
    ends: {
      exit: 1,
      says: [
        'Error (timeout): Timed out after 300 s: Create instance kubernetes-master; operation still running: operation-…',
        ...resumes,
      ],
    },
    ...anHour,
  },
  {
    error: 'an operation does not end in time: the subnet',
    cloud: slow('subnetworks.insert'),
    ends: {
      exit: 1,
      says: ['Error (timeout): Timed out after 300 s: Create subnet; operation still running: operation-…', ...resumes],
    },
    ...anHour,
  },
  {
    error: 'an operation does not end in time while tearing down',
    verb: 'down',
    cloud: slow('subnetworks.delete'),
    ends: {
      exit: 1,
      says: [
        'Error (timeout): Timed out after 900 s: Delete subnet kubernetes-subnet; operation still running: operation-…',
        ...resumes,
      ],
    },
    ...anHour,
  },
  {
    error: 'the API server cannot be reached for a while',
    faults: refuses({ verb: 'connect' }, { type: 'apiServerUnreachable', how: 'refused' }, { ...always, times: 5 }),
  },
  {
    error: 'in use: something of somebody else hangs on our network',
    verb: 'down',
    before: (w) =>
      byHand(w, 'POST', 'global/firewalls', {
        name: 'mine',
        network: 'global/networks/kubernetes-net',
        allowed: [{ IPProtocol: 'tcp' }],
      }),
    ends: {
      exit: 1,
      says: [
        "Error (in-use): Still in use: The network resource 'projects/demo-project/global/networks/kubernetes-net' is already being used by 'projects/demo-project/global/firewalls/mine'",
        '  Delete the resources that use it first.',
      ],
    },
    mend: (w) => byHand(w, 'DELETE', 'global/firewalls/mine'),
  },
];

for (const row of rows) test(row.error, (t) => meet(t, row));

test('quota: seen before anything is made, with what is missing; a smaller wish fits', async (t) => {
  const w = await cloudWorld(t, 'quota', { quotas: { region: { ...regionLimits, CPUS: 4, INSTANCES: 2 } } });
  const before = w.resources();
  const [, plan] = await w.planUp(await w.program());
  const said: string[] = [];
  const t2 = {
    json: false,
    log: (text: string) => void said.push(stripVTControlCharacters(text)),
    document: () => undefined,
    env: {},
  };
  assert.equal(printError(t2, plan.refusals[0]), 1);
  assert.deepEqual(said, [
    'Error (quota): Insufficient quota in europe-west1: CPUS: 8 needed, 4 of 4 available; INSTANCES: 4 needed, 2 of 2 available',
    '  Use fewer or smaller instances, or request a quota increase:',
    '    https://console.cloud.google.com/iam-admin/quotas',
  ]);
  assert.deepEqual(w.resources(), before);
  assert.equal((await w.up(undefined, { ...articleWish, nodes: 1 })).error, undefined);
  assert.equal((await w.down())?.error, undefined);
  assert.deepEqual(w.resources(), before);
});
