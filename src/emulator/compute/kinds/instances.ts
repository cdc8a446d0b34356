import { type Cloud, drawLatency } from '../../cloud.ts';
import { ApiError, invalidValue } from '../../http/apiError.ts';
import { accountByEmail } from '../../services/accounts.ts';
import { drop, find, type Reference } from '../catalog.ts';
import type { KindRules } from '../kind.ts';
import type { Task } from '../operations.ts';
import { FailedOperation, type OperationFailure, quotaFailure } from '../operationFailure.ts';
import { longPath, readLink, regionOfZone } from '../paths.ts';
import { quotaUsage } from '../quota.ts';
import type { Disk, Instance } from '../resources.ts';
import { addressByIp } from './addresses.ts';
import { diskRules } from './disks.ts';
import { leaveGroups } from './groupMembers.ts';
import { draftInstance, makeDisks } from './instanceDraft.ts';
import { instanceEffects, instanceMethods } from './instanceMethods.ts';
import { powerOff, powerOnMachine, setStatus } from './power.ts';

/** Virtual machine instances. */
export const instanceRules: KindRules = {
  collection: 'instances',
  noun: 'instance',
  type: 'instance',
  services: [{ name: 'Instances', scope: 'zone' }],
  quota: { metric: 'INSTANCES', scope: 'region' },
  inUseAnswer: 'request',
  labelsAtInsert: true,
  references: (cloud, instance: Instance) => references(cloud, instance),
  draft: (cloud, call, scope) => draftInstance(cloud, call, scope),
  inserting: (cloud, path, call) => {
    makeDisks(cloud, path, call);
    const id = find(cloud, path)?.id;
    cloud.scheduler.in(drawLatency(cloud, 'instances.staging'), 'instance.staging', { path, id });
  },
  inserted: {
    apply: (cloud, task) => started(cloud, task),
    fail: (cloud, task, failure) => notifyGroup(cloud, task.target, 'failed', failure),
  },
  mayDelete: (cloud, path) => checkProtection(cloud, path),
  deleting: (cloud, path) => {
    powerOff(cloud, path, 'delete');
    setStatus(cloud, path, 'STOPPING');
  },
  deleted: (cloud, path, instance: Instance) => gone(cloud, path, instance),
  methods: instanceMethods,
  effects: instanceEffects,
};

const references = (cloud: Cloud, instance: Instance): Reference[] => {
  const region = regionOfZone(readLink(cloud.project, instance.selfLink)?.path.split('/')[1] ?? '');
  const pathIn = (link: string): string => readLink(cloud.project, link)?.path ?? '';
  const places = instance.networkInterfaces.flatMap((nic, index) => [
    { field: `resource.networkInterfaces[${index}].network`, path: pathIn(nic.network) },
    { field: `resource.networkInterfaces[${index}].subnetwork`, path: pathIn(nic.subnetwork) },
  ]);
  const ips = instance.networkInterfaces.flatMap((nic) => [
    addressByIp(cloud, nic.networkIP, { region, subnetwork: nic.subnetwork }),
    ...(nic.accessConfigs ?? []).map((access) =>
      access.natIP === undefined ? undefined : addressByIp(cloud, access.natIP, { region }),
    ),
  ]);
  // A boot disk is created together with its instance: it does not exist yet while the instance is validated.
  const disks = instance.disks.map((d, i) => ({ field: `resource.disks[${i}].source`, path: pathIn(d.source) }));
  return [
    ...places,
    ...ips.filter((p) => p !== undefined).map((path) => ({ field: 'resource.networkInterfaces[0].networkIP', path })),
    ...disks.filter((d) => find(cloud, d.path) !== undefined),
  ];
};

// Errors that show up only during creation: unknown service accounts and the CPU quota fail in the operation.
const started = (cloud: Cloud, task: Task): void => {
  const instance = find<Instance>(cloud, task.target);
  if (instance?.id !== task.targetId || instance.status === 'STOPPING') return;
  checkAccounts(cloud, instance);
  checkCpus(cloud, task.target);
  powerOnMachine(cloud, task.target);
  notifyGroup(cloud, task.target, 'running');
};

const checkAccounts = (cloud: Cloud, instance: Instance): void => {
  for (const { email } of instance.serviceAccounts ?? []) {
    const account = accountByEmail(cloud, email);
    if (account !== undefined && account.usableAt <= cloud.clock.now()) continue;
    const path = longPath(cloud.project, `serviceAccounts/${email}`);
    throw new ApiError(404, 'resourceNotFound', `The resource '${path}' of type 'serviceAccount' was not found.`);
  }
};

/** The CPU quota is charged when the instance gets its CPUs, hence in the operation. */
export const checkCpus = (cloud: Cloud, path: string): void => {
  const limit = cloud.quotas.region.CPUS;
  if (limit !== undefined && quotaUsage(cloud, 'CPUS', regionOfZone(path.split('/')[1] ?? '')) > limit) {
    throw new FailedOperation(quotaFailure(path, 'CPUS', limit));
  }
};

const checkProtection = (cloud: Cloud, path: string): void => {
  if (find<Instance>(cloud, path)?.deletionProtection !== true) return;
  throw invalidValue(
    "Invalid value for field 'resource.deletionProtection': 'true'. Resource cannot be deleted if it's protected against deletion. Set the field 'resource.deletionProtection' to 'false' first.",
  );
};

const gone = (cloud: Cloud, path: string, instance: Instance): void => {
  powerOff(cloud, path, 'delete');
  for (const table of [`serial/${path}`, `guestAttributes/${path}`]) {
    for (const [key] of cloud.store.entries(table)) cloud.store.remove(table, key);
  }
  leaveGroups(cloud, path);
  for (const { source } of instance.disks.filter((d) => d.autoDelete)) {
    const diskPath = readLink(cloud.project, source)?.path ?? '';
    const disk = find<Disk>(cloud, diskPath);
    drop(cloud, diskPath);
    if (disk !== undefined) diskRules.deleted?.(cloud, diskPath, disk as never);
  }
  if (createdBy(instance) !== undefined) cloud.scheduler.in(0, 'group.member', memberNews(instance, path, 'gone'));
};

/** Event about one of a managed group's instances. */
export interface MemberNews {
  /** Path of the group manager. */
  readonly group: string;
  readonly member: string;
  readonly what: 'running' | 'failed' | 'gone';
  readonly failure?: OperationFailure;
}

// The metadata item that Compute Engine uses to mark instances of managed groups.
const createdBy = (instance: Instance): string | undefined =>
  instance.metadata.items?.find((item) => item.key === 'created-by')?.value;

const memberNews = (
  instance: Instance,
  path: string,
  what: MemberNews['what'],
  failure?: OperationFailure,
): MemberNews => ({
  group: (createdBy(instance) ?? '').replace(/^projects\/[^/]+\//, ''),
  member: path.split('/').at(-1) ?? '',
  what,
  ...(failure !== undefined && { failure }),
});

const notifyGroup = (cloud: Cloud, path: string, what: MemberNews['what'], failure?: OperationFailure): void => {
  const instance = find<Instance>(cloud, path);
  if (instance === undefined || createdBy(instance) === undefined) return;
  cloud.scheduler.in(0, 'group.member', memberNews(instance, path, what, failure));
};
