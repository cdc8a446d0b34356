import { type Cloud, newFingerprint, newId, timestamp } from '../../cloud.ts';
import { invalidField, inUse, alreadyExists } from '../../http/apiError.ts';
import { omit } from '../../omit.ts';
import type { ApiCall } from '../call.ts';
import { drop, find, referrers, save } from '../catalog.ts';
import { findNamed, type KindRules, requestOperation } from '../kind.ts';
import { listAnswer } from '../lists.ts';
import { type OperationEffect, heldBy } from '../operations.ts';
import { linkOf, longPath, partsOf, pathFromField, pathOf, readLink } from '../paths.ts';
import type { Instance, InstanceGroup, InstanceGroupManager, InstanceTemplate, StoredOperation } from '../resources.ts';
import { type ManagedMember, managedMembers } from './groupMembers.ts';
import { closeGroup, type GroupError, recreateMembers, removeMembers, settle } from './managedMembers.ts';

const collection = 'instanceGroupManagers';

/** Zonal managed instance groups. */
export const managedGroupRules: KindRules = {
  collection,
  noun: 'instance_group_manager',
  type: 'instanceGroupManager',
  services: [{ name: 'InstanceGroupManagers', scope: 'zone' }],
  quota: { metric: 'INSTANCE_GROUP_MANAGERS', scope: 'region' },
  inUseAnswer: 'request',
  references: (cloud, group: InstanceGroupManager) => [
    { field: 'resource.instanceTemplate', path: readLink(cloud.project, group.instanceTemplate)?.path ?? '' },
  ],
  draft: (cloud, call, scope) => {
    const path = pathOf(scope, 'instanceGroups', String(call.body.name));
    if (find(cloud, path) !== undefined) throw alreadyExists(longPath(cloud.project, path));
    return {
      ...complete(cloud, call.body),
      instanceGroup: linkOf(cloud.project, path),
      fingerprint: newFingerprint(cloud),
    };
  },
  view: (cloud, group: InstanceGroupManager, path) => view(cloud, group, path),
  inserting: (cloud, path) => makeFace(cloud, path),
  inserted: { apply: (cloud, task) => settle(cloud, task.target) },
  mayDelete: (cloud, path) => {
    const { scope, name } = partsOf(path);
    const face = pathOf(scope, 'instanceGroups', name);
    const user = referrers(cloud, face)[0];
    if (user !== undefined)
      throw inUse('instance_group_manager', longPath(cloud.project, path), longPath(cloud.project, user));
  },
  openDelete: true,
  deleting: (cloud, path, operation) => closeGroup(cloud, path, operation),
  deleted: (cloud, path) => {
    const { scope, name } = partsOf(path);
    drop(cloud, pathOf(scope, 'instanceGroups', name));
    for (const table of [`managed/${path}`, `managedErrors/${path}`]) {
      for (const [key] of cloud.store.entries(table)) cloud.store.remove(table, key);
    }
  },
  methods: {
    Resize: (cloud, call) => resize(cloud, call),
    Patch: (cloud, call) => patch(cloud, call),
    ListManagedInstances: (cloud, call) => listManaged(cloud, call),
    ListErrors: (cloud, call) => listErrors(cloud, call),
    DeleteInstances: (cloud, call) => changeMembers(cloud, call, 'deleteInstances'),
    RecreateInstances: (cloud, call) => changeMembers(cloud, call, 'recreateInstances'),
  },
  effects: {
    resize: { apply: (cloud, task) => change(cloud, task.target, { targetSize: task.payload as number }) },
    patch: { apply: (cloud, task) => change(cloud, task.target, task.payload as object) },
    deleteInstances: {
      apply: (cloud, task) => removeMembers(cloud, task.target, task.payload as string[]),
    } satisfies OperationEffect,
    recreateInstances: { apply: (cloud, task) => recreateMembers(cloud, task.target, task.payload as string[]) },
  },
};

const complete = (cloud: Cloud, body: Readonly<Record<string, unknown>>): object => {
  const versions = body.versions as InstanceGroupManager['versions'];
  const link = (body.instanceTemplate ?? versions?.[0]?.instanceTemplate ?? '') as string;
  const template = pathFromField(cloud.project, 'resource.instanceTemplate', link, 'instanceTemplates');
  const size = body.targetSize;
  if (typeof size !== 'number' || size < 0 || size > 1000) {
    throw invalidField('resource.targetSize', size ?? '', 'Must be between 0 and 1000.');
  }
  const base = String(body.baseInstanceName ?? body.name);
  if (!/^[a-z][-a-z0-9]{0,57}$/.test(base)) {
    throw invalidField('resource.baseInstanceName', base, "Must be a match of regex '[a-z][-a-z0-9]{0,57}'");
  }
  return {
    baseInstanceName: base,
    instanceTemplate: linkOf(cloud.project, template),
    versions: [{ instanceTemplate: linkOf(cloud.project, template), targetSize: { calculated: size } }],
    targetSize: size,
    updatePolicy: { type: 'OPPORTUNISTIC', minimalAction: 'REPLACE', ...(body.updatePolicy as object | undefined) },
    listManagedInstancesResults: 'PAGELESS',
  };
};

// A managed group is also an instance group: this creates its entry in instanceGroups, with the same name.
const makeFace = (cloud: Cloud, path: string): void => {
  const { scope, name } = partsOf(path);
  const group = find<InstanceGroupManager>(cloud, path);
  const template = find<InstanceTemplate>(cloud, readLink(cloud.project, group?.instanceTemplate ?? '')?.path ?? '');
  const nic = (
    template?.properties.networkInterfaces as readonly { network?: string; subnetwork?: string }[] | undefined
  )?.[0];
  const subnetwork = find<{ network: string } & InstanceGroup>(
    cloud,
    readLink(cloud.project, nic?.subnetwork ?? '')?.path ?? '',
  );
  const at = pathOf(scope, 'instanceGroups', name);
  const link =
    subnetwork?.network ??
    linkOf(cloud.project, readLink(cloud.project, nic?.network ?? '')?.path ?? 'global/networks/default');
  const face: InstanceGroup = {
    kind: 'compute#instanceGroup',
    id: newId(cloud),
    name,
    creationTimestamp: timestamp(cloud),
    selfLink: linkOf(cloud.project, at),
    description: `This instance group is controlled by Instance Group Manager '${name}'. To modify instances in this group, use the Instance Group Manager API.`,
    zone: linkOf(cloud.project, `zones/${scope.zone ?? ''}`),
    fingerprint: newFingerprint(cloud),
    network: link,
  };
  save(cloud, at, face);
};

const view = (cloud: Cloud, group: InstanceGroupManager, path: string): object => {
  const members = managedMembers(cloud, path);
  const count = (action: string): number => members.filter((m) => m.action === action).length;
  const settled = count('NONE') === members.length && members.length === group.targetSize;
  return {
    currentActions: {
      ...{ abandoning: 0, creatingWithoutRetries: 0, refreshing: 0, restarting: 0, verifying: 0 },
      creating: count('CREATING'),
      deleting: count('DELETING'),
      none: count('NONE'),
      recreating: count('RECREATING'),
    },
    status: { isStable: settled && heldBy(cloud, path) === undefined, versionTarget: { isReached: true } },
  };
};

const groupOf = (cloud: Cloud, call: ApiCall): InstanceGroupManager & { path: string } =>
  findNamed<InstanceGroupManager>(cloud, collection, call);

const resize = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id } = groupOf(cloud, call);
  const size = Number(call.query.size);
  if (size < 0 || size > 1000) throw invalidField('size', size, 'Must be between 0 and 1000.');
  return requestOperation(cloud, call, { path, id }, 'resize', size);
};

const patch = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id, ...old } = groupOf(cloud, call);
  const merged = { ...old, ...call.body };
  const fields = omit({ ...call.body, ...complete(cloud, merged) }, 'name');
  return requestOperation(cloud, call, { path, id }, 'patch', fields);
};

const change = (cloud: Cloud, path: string, fields: object): void => {
  const group = find<InstanceGroupManager>(cloud, path);
  if (group === undefined) return;
  save(cloud, path, { ...group, ...fields, fingerprint: newFingerprint(cloud) });
  settle(cloud, path);
};

const changeMembers = (cloud: Cloud, call: ApiCall, verb: 'deleteInstances' | 'recreateInstances'): StoredOperation => {
  const { path, id } = groupOf(cloud, call);
  const names = ((call.body.instances ?? []) as readonly string[]).map((link, index) => {
    const member = partsOf(pathFromField(cloud.project, `resource.instances[${index}]`, link, 'instances')).name;
    if (managedMembers(cloud, path).some((m) => m.name === member)) return member;
    throw invalidField(`resource.instances[${index}]`, link, 'The instance is not a member of the group.');
  });
  return requestOperation(cloud, call, { path, id }, verb, names);
};

const listManaged = (cloud: Cloud, call: ApiCall): unknown => {
  const { path, instanceTemplate } = groupOf(cloud, call);
  const items = managedMembers(cloud, path).map((m) => managedView(cloud, path, instanceTemplate, m));
  const { items: page, nextPageToken } = listAnswer('', '', items, call.query) as {
    items?: object[];
    nextPageToken?: string;
  };
  return { ...(page && { managedInstances: page }), ...(nextPageToken !== undefined && { nextPageToken }) };
};

const managedView = (cloud: Cloud, path: string, instanceTemplate: string, member: ManagedMember): object => {
  const at = pathOf(partsOf(path).scope, 'instances', member.name);
  const instance = find<Instance>(cloud, at);
  return {
    instance: linkOf(cloud.project, at),
    name: member.name,
    ...(instance !== undefined && { id: instance.id, instanceStatus: instance.status }),
    currentAction: member.action,
    ...(member.error !== undefined && { lastAttempt: { errors: { errors: [member.error] } } }),
    version: { instanceTemplate },
  };
};

const listErrors = (cloud: Cloud, call: ApiCall): unknown => {
  const { path, selfLink } = groupOf(cloud, call);
  const items = cloud.store.entries<GroupError>(`managedErrors/${path}`).map(([, error]) => error);
  return listAnswer('compute#instanceGroupManagersListErrorsResponse', `${selfLink}/listErrors`, items, call.query);
};
