import { type Cloud, drawLatency, projectNumber, timestamp } from '../../cloud.ts';
import { randomText } from '../../../lib/ids.ts';
import type { Fault } from '../../faults.ts';
import { ApiError } from '../../http/apiError.ts';
import { omit } from '../../omit.ts';
import { find } from '../catalog.ts';
import { deleteAt, insertInto } from '../kind.ts';
import { finishSoon, heldBy } from '../operations.ts';
import { failureFrom, type OperationFailure } from '../operationFailure.ts';
import { linkOf, partsOf, pathOf, readLink } from '../paths.ts';
import { quotaExceeded } from '../quota.ts';
import type { Instance, InstanceGroupManager, InstanceTemplate, StoredOperation } from '../resources.ts';
import { type ManagedMember, managedMembers, putManagedMember } from './groupMembers.ts';
import { instanceRules, type MemberNews } from './instances.ts';

/** One line of listErrors. */
export interface GroupError {
  readonly error: { readonly code: string; readonly message: string };
  readonly instanceActionDetails: { readonly instance: string; readonly action: string };
  readonly timestamp: string;
}

// Operations that delete whole groups, by group path: each ends with the group's last instance.
const closing = 'closingGroups';

/** Creates or deletes instances until the group has its target size. */
export const settle = (cloud: Cloud, path: string): void => {
  const group = find<InstanceGroupManager>(cloud, path);
  if (group === undefined || heldBy(cloud, path) === 'delete') return;
  const staying = managedMembers(cloud, path).filter((m) => m.action !== 'DELETING');
  for (let n = staying.length; n < group.targetSize; n++) {
    const name = freeName(cloud, path, group);
    putManagedMember(cloud, path, name, { name, action: 'CREATING' });
    makeMember(cloud, path, name);
  }
  for (const member of staying.slice(group.targetSize)) deleteMember(cloud, path, member.name);
};

const freeName = (cloud: Cloud, path: string, group: InstanceGroupManager): string => {
  for (;;) {
    const name = `${group.baseInstanceName}-${randomText(cloud.ids, 4)}`;
    if (find(cloud, machinePath(path, name)) === undefined && memberOf(cloud, path, name) === undefined) return name;
  }
};

const machinePath = (groupPath: string, name: string): string => pathOf(partsOf(groupPath).scope, 'instances', name);

const memberOf = (cloud: Cloud, path: string, name: string): ManagedMember | undefined =>
  managedMembers(cloud, path).find((m) => m.name === name);

// Fault scripts match these attempts like insert requests of that name.
const makeMember = (cloud: Cloud, path: string, name: string): void => {
  const { scope } = partsOf(path);
  const group = find<InstanceGroupManager>(cloud, path);
  const template = find<InstanceTemplate>(cloud, readLink(cloud.project, group?.instanceTemplate ?? '')?.path ?? '');
  const attempt = { method: 'POST', path: `/compute/v1/projects/${cloud.project}/zones/${scope.zone ?? ''}/instances` };
  const fault = cloud.faults.take({ ...attempt, kind: 'instances', verb: 'insert', name });
  try {
    refuse(fault);
    const body = memberBody(cloud, path, name, template?.properties ?? {});
    insertInto(cloud, instanceRules, { params: { ...scope }, query: {}, body, fault }, scope);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    failed(cloud, path, name, failureFrom(error));
  }
};

const refuse = (fault: Fault | undefined): void => {
  if (fault === undefined || typeof fault === 'string') return;
  if (fault.type === 'status') throw new ApiError(fault.status, fault.reason, fault.message);
  if (fault.type === 'quota' && fault.form === 'request') throw quotaExceeded(fault.metric, fault.limit, 'emulated');
};

const memberBody = (
  cloud: Cloud,
  path: string,
  name: string,
  properties: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  const zone = partsOf(path).scope.zone ?? '';
  const metadata = (properties.metadata ?? {}) as { items?: readonly object[] };
  const disks = (properties.disks ?? []) as readonly { initializeParams?: { diskType?: string } }[];
  return {
    ...properties,
    name,
    machineType: `zones/${zone}/machineTypes/${String(properties.machineType)}`,
    disks: disks.map((d) => ({ ...d, initializeParams: { ...d.initializeParams } })),
    metadata: {
      items: [
        ...(metadata.items ?? []),
        { key: 'created-by', value: `projects/${projectNumber}/${path}` },
        { key: 'instance-template', value: find<InstanceGroupManager>(cloud, path)?.instanceTemplate ?? '' },
      ],
    },
  };
};

const failed = (cloud: Cloud, path: string, name: string, failure: OperationFailure): void => {
  const error = omit(failure, 'httpStatus');
  const line: GroupError = {
    error,
    instanceActionDetails: { instance: linkOf(cloud.project, machinePath(path, name)), action: 'CREATING' },
    timestamp: timestamp(cloud),
  };
  const known = cloud.store.entries(`managedErrors/${path}`).length;
  cloud.store.put(`managedErrors/${path}`, String(known), line);
  putManagedMember(cloud, path, name, { name, action: 'CREATING', error });
  // Google retries indefinitely.
  cloud.scheduler.in(drawLatency(cloud, 'instanceGroupManagers.retry'), 'group.retry', { path, name });
};

/** Retries the creation of an instance if the group still wants it. */
export const retryMember = (cloud: Cloud, payload: unknown): void => {
  const { path, name } = payload as { path: string; name: string };
  const wanted = memberOf(cloud, path, name)?.action === 'CREATING' && heldBy(cloud, path) !== 'delete';
  if (wanted && find(cloud, machinePath(path, name)) === undefined) makeMember(cloud, path, name);
};

/** Handles an event about a managed group's instance. */
export const memberNews = (cloud: Cloud, payload: unknown): void => {
  const { group, member: name, what, failure } = payload as MemberNews;
  const member = memberOf(cloud, group, name);
  if (member === undefined) return;
  if (what === 'running') {
    if (member.action !== 'DELETING')
      putManagedMember(cloud, group, name, { ...omit(member, 'error'), action: 'NONE' });
  } else if (member.action === 'DELETING') {
    putManagedMember(cloud, group, name, undefined);
    finishClosing(cloud, group);
  } else if (what === 'failed' && failure !== undefined) {
    failed(cloud, group, name, failure);
  } else if (what === 'gone' && find(cloud, machinePath(group, name)) === undefined && member.error === undefined) {
    // Deleted from outside, or to be re-created: it returns under the same name.
    putManagedMember(cloud, group, name, { name, action: 'CREATING' });
    makeMember(cloud, group, name);
  }
};

const deleteMember = (cloud: Cloud, path: string, name: string): void => {
  const at = machinePath(path, name);
  const instance = find<Instance>(cloud, at);
  if (instance === undefined) {
    putManagedMember(cloud, path, name, undefined);
    return;
  }
  putManagedMember(cloud, path, name, { name, action: 'DELETING' });
  if (heldBy(cloud, at) !== 'delete') deleteAt(cloud, instanceRules, internalCall, at, instance.id);
};

const internalCall = { params: {}, query: {}, body: {} };

/** Deletes instances for good; the target size shrinks accordingly. */
export const removeMembers = (cloud: Cloud, path: string, names: readonly string[]): void => {
  const group = find<InstanceGroupManager>(cloud, path);
  if (group === undefined) return;
  for (const name of names) deleteMember(cloud, path, name);
  const targetSize = Math.max(0, group.targetSize - names.length);
  cloud.store.put('compute/instanceGroupManagers', path, { ...group, targetSize });
};

/** Deletes instances and re-creates them under the same names. */
export const recreateMembers = (cloud: Cloud, path: string, names: readonly string[]): void => {
  for (const name of names) {
    const at = machinePath(path, name);
    const instance = find<Instance>(cloud, at);
    if (instance === undefined || heldBy(cloud, at) === 'delete') continue;
    putManagedMember(cloud, path, name, { name, action: 'RECREATING' });
    deleteAt(cloud, instanceRules, internalCall, at, instance.id);
  }
};

/** Starts deleting a group: its instances first. */
export const closeGroup = (cloud: Cloud, path: string, operation: StoredOperation): void => {
  cloud.store.put(closing, path, {
    operation: readLink(cloud.project, operation.selfLink)?.path,
    id: operation.targetId,
  });
  for (const member of managedMembers(cloud, path)) deleteMember(cloud, path, member.name);
  finishClosing(cloud, path);
};

const finishClosing = (cloud: Cloud, path: string): void => {
  const task = cloud.store.get<{ operation: string; id: string }>(closing, path);
  if (task === undefined || managedMembers(cloud, path).length > 0) return;
  cloud.store.remove(closing, path);
  finishSoon(cloud, 'instanceGroupManagers.delete', {
    target: path,
    targetId: task.id,
    operation: task.operation,
    payload: undefined,
  });
};
