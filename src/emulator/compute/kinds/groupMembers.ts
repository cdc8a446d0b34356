import type { Cloud } from '../../cloud.ts';
import { find, referrers, resources } from '../catalog.ts';
import { partsOf, pathOf } from '../paths.ts';
import type { InstanceGroup, InstanceGroupManager, OperationProblem } from '../resources.ts';

const table = (groupPath: string): string => `groupMembers/${groupPath}`;

/** One instance of a managed group, as its manager records it; keyed by name, because the name outlives the instance. */
export interface ManagedMember {
  readonly name: string;
  readonly action: 'NONE' | 'CREATING' | 'DELETING' | 'RECREATING';
  /** Why the last attempt failed. */
  readonly error?: OperationProblem;
}

/** Path of a group's manager; undefined for an unmanaged group. */
export const groupManagerOf = (cloud: Cloud, groupPath: string): string | undefined => {
  const { scope, name } = partsOf(groupPath);
  const path = pathOf(scope, 'instanceGroupManagers', name);
  return find<InstanceGroupManager>(cloud, path) === undefined ? undefined : path;
};

/** Members of a managed group in order of creation. */
export const managedMembers = (cloud: Cloud, groupManager: string): ManagedMember[] =>
  cloud.store.entries<ManagedMember>(`managed/${groupManager}`).map(([, member]) => member);

/** Stores a member; `undefined` removes it. */
export const putManagedMember = (
  cloud: Cloud,
  groupManager: string,
  name: string,
  member: ManagedMember | undefined,
): void => cloud.store.put(`managed/${groupManager}`, name, member);

/** Paths of the instances in a group, managed or not, without managed ones that do not exist yet. */
export const membersOf = (cloud: Cloud, groupPath: string): string[] => {
  const groupManager = groupManagerOf(cloud, groupPath);
  if (groupManager === undefined) return cloud.store.entries(table(groupPath)).map(([path]) => path);
  return managedMembers(cloud, groupManager)
    .map((member) => pathOf(partsOf(groupPath).scope, 'instances', member.name))
    .filter((path) => find(cloud, path) !== undefined);
};

/** Adds an instance to an unmanaged group. */
export const joinGroup = (cloud: Cloud, groupPath: string, instancePath: string): void =>
  cloud.store.put(table(groupPath), instancePath, true);

/** Removes an instance from an unmanaged group. */
export const leaveGroup = (cloud: Cloud, groupPath: string, instancePath: string): void =>
  cloud.store.remove(table(groupPath), instancePath);

/** Removes a deleted instance from every unmanaged group. */
export const leaveGroups = (cloud: Cloud, instancePath: string): void => {
  for (const { path } of resources<InstanceGroup>(cloud, 'instanceGroups')) leaveGroup(cloud, path, instancePath);
};

/** Removes the members of a deleted group. */
export const forgetMembers = (cloud: Cloud, groupPath: string): void => {
  for (const [key] of cloud.store.entries(table(groupPath))) cloud.store.remove(table(groupPath), key);
};

/** Whether a backend service sends traffic to the group. */
export const isLoadBalanced = (cloud: Cloud, groupPath: string): boolean =>
  referrers(cloud, groupPath).some((path) => partsOf(path).collection === 'backendServices');

/** Another load-balanced group that contains the instance: Google allows one. */
export const otherBalancedGroup = (cloud: Cloud, groupPath: string, instancePath: string): string | undefined =>
  resources<InstanceGroup>(cloud, 'instanceGroups').find(
    ({ path }) => path !== groupPath && isLoadBalanced(cloud, path) && membersOf(cloud, path).includes(instancePath),
  )?.path;
