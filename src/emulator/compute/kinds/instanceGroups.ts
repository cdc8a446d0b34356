import { drainFrom } from '../../balancer/draining.ts';
import { type Cloud, newFingerprint } from '../../cloud.ts';
import { ApiError, invalidField, invalidValue, notFound, notReady } from '../../http/apiError.ts';
import type { ApiCall, Handler } from '../call.ts';
import { find, save } from '../catalog.ts';
import { findNamed, type KindRules, requestOperation } from '../kind.ts';
import { listAnswer } from '../lists.ts';
import { type OperationEffect, heldBy } from '../operations.ts';
import { FailedOperation, type OperationFailure } from '../operationFailure.ts';
import { linkOf, longPath, partsOf, pathFromField, readLink } from '../paths.ts';
import type { Instance, InstanceGroup, StoredOperation } from '../resources.ts';
import {
  forgetMembers,
  groupManagerOf,
  isLoadBalanced,
  joinGroup,
  leaveGroup,
  membersOf,
  otherBalancedGroup,
} from './groupMembers.ts';

const groupOf = (cloud: Cloud, call: ApiCall): InstanceGroup & { path: string } =>
  findNamed<InstanceGroup>(cloud, 'instanceGroups', call);

// The instances that a request names; they must exist, be ready, and be in the group's zone.
const namedInstances = (cloud: Cloud, call: ApiCall, group: string): string[] =>
  ((call.body.instances ?? []) as readonly { instance?: string }[]).map(({ instance = '' }, index) => {
    const field = `resource.instances[${index}].instance`;
    const path = pathFromField(cloud.project, field, instance, 'instances');
    if (find(cloud, path) === undefined) throw notFound(longPath(cloud.project, path));
    if (partsOf(path).scope.zone !== partsOf(group).scope.zone) {
      throw invalidField(field, instance, "Instance must be in the group's zone.");
    }
    return path;
  });

const refuseManaged = (cloud: Cloud, path: string): void => {
  if (groupManagerOf(cloud, path) !== undefined) {
    throw invalidValue(
      `The instance group '${longPath(cloud.project, path)}' is managed: change it through its manager.`,
    );
  }
};

const addInstances = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id, network } = groupOf(cloud, call);
  refuseManaged(cloud, path);
  const paths = namedInstances(cloud, call, path);
  for (const member of paths) {
    if (heldBy(cloud, member) !== undefined) throw notReady(longPath(cloud.project, member));
    if (membersOf(cloud, path).includes(member))
      throw membership(cloud, 'memberAlreadyExists', 'already', member, path);
    const own = find<Instance>(cloud, member)?.networkInterfaces[0]?.network;
    if (network !== undefined && own !== network) {
      throw invalidValue(
        `Instance '${longPath(cloud.project, member)}' is not in the instance group's network '${network}'.`,
      );
    }
  }
  return requestOperation(cloud, call, { path, id }, 'addInstances', paths);
};

const membership = (cloud: Cloud, reason: string, word: string, member: string, group: string): ApiError =>
  new ApiError(
    400,
    reason,
    `'${longPath(cloud.project, member)}' is ${word} a member of '${longPath(cloud.project, group)}'.`,
  );

const removeInstances = (cloud: Cloud, call: ApiCall): StoredOperation => {
  const { path, id } = groupOf(cloud, call);
  refuseManaged(cloud, path);
  const paths = namedInstances(cloud, call, path);
  for (const member of paths) {
    if (!membersOf(cloud, path).includes(member)) throw membership(cloud, 'memberNotFound', 'not', member, path);
  }
  return requestOperation(cloud, call, { path, id }, 'removeInstances', paths);
};

const added: OperationEffect = {
  apply: (cloud, task) => {
    const group = find<InstanceGroup>(cloud, task.target);
    if (group === undefined) throw notFound(longPath(cloud.project, task.target));
    for (const member of task.payload as string[]) {
      const instance = find<Instance>(cloud, member);
      if (instance === undefined) throw notFound(longPath(cloud.project, member));
      const twice = isLoadBalanced(cloud, task.target) && otherBalancedGroup(cloud, task.target, member) !== undefined;
      if (twice) throw new FailedOperation(inTwoGroups(cloud, member));
      const nic = instance.networkInterfaces[0];
      if (group.network === undefined && nic !== undefined) {
        save(cloud, task.target, { ...group, network: nic.network, subnetwork: nic.subnetwork } as InstanceGroup);
      }
      joinGroup(cloud, task.target, member);
    }
  },
};

/** An instance can be in one load-balanced group only (message as quoted in ingress-gce's public issues). */
export const inTwoGroups = (cloud: Cloud, member: string): OperationFailure => ({
  code: 'INSTANCE_IN_MULTIPLE_LOAD_BALANCED_IGS',
  message: `Validation failed for instance '${longPath(cloud.project, member)}': instance may belong to at most one load-balanced instance group.`,
  httpStatus: 400,
});

const listInstances = (cloud: Cloud, call: ApiCall): unknown => {
  const group = groupOf(cloud, call);
  const items = membersOf(cloud, group.path)
    .map((path) => ({ instance: linkOf(cloud.project, path), status: find<Instance>(cloud, path)?.status }))
    .filter((item) => call.body.instanceState !== 'RUNNING' || item.status === 'RUNNING');
  return listAnswer('compute#instanceGroupsListInstances', `${group.selfLink}/listInstances`, items, call.query);
};

const methods: Readonly<Record<string, Handler>> = {
  AddInstances: addInstances,
  RemoveInstances: removeInstances,
  ListInstances: listInstances,
};

/** Instance groups: unmanaged ones, and the instance groups of managed ones. */
export const instanceGroupRules: KindRules = {
  collection: 'instanceGroups',
  noun: 'instance_group',
  type: 'instanceGroup',
  services: [{ name: 'InstanceGroups', scope: 'zone' }],
  quota: { metric: 'INSTANCE_GROUPS', scope: 'region' },
  inUseAnswer: 'request',
  references: (cloud, group: InstanceGroup) =>
    group.network === undefined
      ? []
      : [{ field: 'resource.network', path: readLink(cloud.project, group.network)?.path ?? '' }],
  draft: (cloud, call) => {
    const network = call.body.network as string | undefined;
    return {
      fingerprint: newFingerprint(cloud),
      namedPorts: call.body.namedPorts ?? [],
      ...(network !== undefined && {
        network: linkOf(cloud.project, pathFromField(cloud.project, 'resource.network', network, 'networks')),
      }),
    };
  },
  view: (cloud, _group, path) => ({ size: membersOf(cloud, path).length }),
  mayDelete: refuseManaged,
  deleted: (cloud, path) => forgetMembers(cloud, path),
  methods,
  effects: {
    addInstances: added,
    removeInstances: {
      apply: (cloud, task) => {
        for (const member of task.payload as string[]) {
          leaveGroup(cloud, task.target, member);
          drainFrom(cloud, task.target, member);
        }
      },
    },
  },
};
