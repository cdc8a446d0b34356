import { type Cloud, newFingerprint, sameFingerprint, timestamp } from '../../cloud.ts';
import { ApiError, conditionNotMet, notReady } from '../../http/apiError.ts';
import type { ApiCall, Handler } from '../call.ts';
import { find, resources, save } from '../catalog.ts';
import { findNamed, requestOperation } from '../kind.ts';
import type { OperationEffect, Task } from '../operations.ts';
import { FailedOperation, quotaFailure } from '../operationFailure.ts';
import { longPath, regionOfZone } from '../paths.ts';
import { quotaUsage } from '../quota.ts';
import { freeExternalIp } from '../ipam.ts';
import type { Address, Instance, NetworkInterface, StoredOperation } from '../resources.ts';
import { checkMetadata } from './instanceDraft.ts';
import { powerOff, powerOnMachine, setStatus } from './power.ts';

const instanceOf = (cloud: Cloud, call: ApiCall): Instance & { path: string } =>
  findNamed<Instance>(cloud, 'instances', call);

const stop = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id, status } = instanceOf(cloud, call);
  if (!['RUNNING', 'TERMINATED', 'STOPPING'].includes(status)) throw notReady(longPath(cloud.project, path));
  if (status === 'RUNNING') {
    if (call.fault === undefined) powerOff(cloud, path, 'stop');
    setStatus(cloud, path, 'STOPPING');
  }
  return requestOperation(cloud, call, { path, id }, 'stop');
};

const stopped: OperationEffect = {
  apply: (cloud, { target }) => {
    const instance = find<Instance>(cloud, target);
    if (instance?.status !== 'STOPPING') return;
    const networkInterfaces = instance.networkInterfaces.map((n) => withoutEphemeral(cloud, n));
    save(cloud, target, {
      ...instance,
      status: 'TERMINATED',
      networkInterfaces,
      lastStopTimestamp: timestamp(cloud),
    } as Instance);
  },
  fail: (cloud, { target }) => setStatus(cloud, target, 'RUNNING'),
};

// A stopped instance keeps only its reserved external addresses.
const withoutEphemeral = (cloud: Cloud, nic: NetworkInterface): NetworkInterface => {
  if (nic.accessConfigs === undefined) return nic;
  const reserved = new Set(resources<Address>(cloud, 'addresses').map((a) => a.resource.address));
  return {
    ...nic,
    accessConfigs: nic.accessConfigs.map(({ natIP, ...rest }) =>
      natIP !== undefined && reserved.has(natIP) ? { ...rest, natIP } : rest,
    ),
  };
};

const start = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id, status } = instanceOf(cloud, call);
  if (!['RUNNING', 'TERMINATED'].includes(status)) throw notReady(longPath(cloud.project, path));
  if (status === 'TERMINATED') setStatus(cloud, path, 'STAGING');
  return requestOperation(cloud, call, { path, id }, 'start');
};

const startedAgain: OperationEffect = {
  apply: (cloud, { target }) => {
    const instance = find<Instance>(cloud, target);
    if (instance?.status !== 'STAGING') return;
    const limit = cloud.quotas.region.CPUS;
    if (limit !== undefined && quotaUsage(cloud, 'CPUS', regionOfZone(target.split('/')[1] ?? '')) > limit) {
      throw new FailedOperation(quotaFailure(target, 'CPUS', limit));
    }
    const networkInterfaces = instance.networkInterfaces.map((nic) => ({
      ...nic,
      ...(nic.accessConfigs && {
        accessConfigs: nic.accessConfigs.map((a) => ({ ...a, natIP: a.natIP ?? freeExternalIp(cloud) })),
      }),
    }));
    save(cloud, target, { ...instance, networkInterfaces } as Instance);
    powerOnMachine(cloud, target);
  },
  fail: (cloud, { target }) => setStatus(cloud, target, 'TERMINATED'),
};

const reset = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id, status } = instanceOf(cloud, call);
  if (status !== 'RUNNING') throw notReady(longPath(cloud.project, path));
  if (call.fault === undefined) {
    powerOff(cloud, path, 'reset');
    powerOnMachine(cloud, path);
  }
  return requestOperation(cloud, call, { path, id }, 'reset');
};

const setMetadata = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id } = instanceOf(cloud, call);
  checkMetadata(call.body);
  checkFingerprint(cloud, path, 'metadata', call.body.fingerprint);
  return requestOperation(cloud, call, { path, id }, 'setMetadata', call.body);
};

const setTags = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id } = instanceOf(cloud, call);
  checkFingerprint(cloud, path, 'tags', call.body.fingerprint);
  return requestOperation(cloud, call, { path, id }, 'setTags', call.body);
};

const checkFingerprint = (cloud: Cloud, path: string, field: 'metadata' | 'tags', given: unknown): void => {
  if (sameFingerprint(given, find<Instance>(cloud, path)?.[field].fingerprint)) return;
  throw conditionNotMet(
    field === 'metadata' ? 'Supplied fingerprint does not match current metadata fingerprint.' : 'Invalid fingerprint.',
  );
};

// Checked again when it takes effect: of two changes with the same fingerprint, only the first can win.
const applyField =
  (field: 'metadata' | 'tags') =>
  (cloud: Cloud, task: Task): void => {
    const instance = find<Instance>(cloud, task.target);
    if (instance === undefined) return;
    const value = task.payload as { fingerprint?: string };
    checkFingerprint(cloud, task.target, field, value.fingerprint);
    save(cloud, task.target, { ...instance, [field]: { ...value, fingerprint: newFingerprint(cloud) } });
  };

const setDeletionProtection = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id } = instanceOf(cloud, call);
  const on = (call.query.deletionProtection ?? 'true').toLowerCase() === 'true';
  return requestOperation(cloud, call, { path, id }, 'setDeletionProtection', on);
};

const serialPort = (cloud: Cloud, call: ApiCall): unknown => {
  const { path, selfLink } = instanceOf(cloud, call);
  const text = cloud.store
    .entries<string>(`serial/${path}`)
    .map(([, chunk]) => chunk)
    .join('');
  const bytes = Buffer.from(text);
  const start = Math.min(Number(call.query.start ?? 0), bytes.length);
  return {
    kind: 'compute#serialPortOutput',
    selfLink: `${selfLink}/serialPort`,
    contents: bytes.subarray(start).toString(),
    start: String(start),
    next: String(bytes.length),
  };
};

const guestAttributes = (cloud: Cloud, call: ApiCall): unknown => {
  const { path, selfLink, metadata } = instanceOf(cloud, call);
  const enabled = metadata.items?.find((i) => i.key === 'enable-guest-attributes')?.value;
  if (enabled?.toUpperCase() !== 'TRUE') {
    throw new ApiError(412, 'conditionNotMet', 'Guest attributes endpoint access is disabled.');
  }
  const query = call.query.queryPath ?? call.query.variableKey ?? '';
  const items = cloud.store
    .entries<string>(`guestAttributes/${path}`)
    .filter(([key]) => query === '' || key === query || key.startsWith(query.endsWith('/') ? query : `${query}/`))
    .map(([key, value]) => ({ namespace: key.split('/')[0], key: key.slice(key.indexOf('/') + 1), value }));
  if (items.length === 0)
    throw new ApiError(404, 'notFound', `The resource '${query}' of type 'Guest Attribute' was not found.`);
  return {
    kind: 'compute#guestAttributes',
    selfLink: `${selfLink}/guestAttributes/${query}`,
    queryPath: query,
    queryValue: { items },
  };
};

/** Instance methods beyond the standard ones. */
export const instanceMethods: Readonly<Record<string, Handler>> = {
  Start: start,
  Stop: stop,
  Reset: reset,
  SetMetadata: setMetadata,
  SetTags: setTags,
  SetDeletionProtection: setDeletionProtection,
  GetSerialPortOutput: serialPort,
  GetGuestAttributes: guestAttributes,
};

/** Effects of their operations. */
export const instanceEffects: Readonly<Record<string, OperationEffect>> = {
  stop: stopped,
  start: startedAgain,
  setMetadata: { apply: applyField('metadata') },
  setTags: { apply: applyField('tags') },
  setDeletionProtection: {
    apply: (cloud, task) => {
      const instance = find<Instance>(cloud, task.target);
      if (instance !== undefined)
        save(cloud, task.target, { ...instance, deletionProtection: task.payload === true } as Instance);
    },
  },
};
