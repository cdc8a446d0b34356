import type { GuestHost, MadeState } from '../../guestRuntime.ts';
import type { ClusterData, ClusterView } from '../clusterState.ts';
import { nodeLife, nodeTimes } from '../nodeLife.ts';
import type { Objects, StoredObject } from '../storedObject.ts';
import { without } from './workloads.ts';

/** Context of a controller that creates cloud resources. */
export interface Controller {
  readonly host: GuestHost;
  readonly data: ClusterData;
  /** Key of the master it runs on. */
  readonly master: string;
  /** etcd index for its writes. */
  readonly index: number;
}

/**
 * The controller, if one runs: on a master of a cluster with
 * quorum, once the cloud controller manager has been applied.
 */
export const controllerOf = (host: GuestHost, view: ClusterView, data: ClusterData): Controller | undefined => {
  const master = view.running.get(view.etcd.leader) ?? [...view.running.values()][0];
  const since = (data.addOnsAt ?? Infinity) + nodeTimes.controllerStartMs;
  if (master === undefined || host.clock.now() < since) return undefined;
  return { host, data, master: master.key, index: view.etcd.index };
};

/** Creates a missing resource; returns its fields once it exists. */
export const made = (
  controller: Controller,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Exclude<MadeState, string> | undefined => {
  const state = controller.host.made.state(path);
  if (state === 'absent') controller.host.made.insert(controller.master, path, body);
  return typeof state === 'string' ? undefined : state;
};

/** Deletes a resource; true once it is gone. */
export const gone = (controller: Controller, path: string): boolean => {
  const state = controller.host.made.state(path);
  if (typeof state !== 'string') controller.host.made.remove(controller.master, path);
  return state === 'absent';
};

/** Nodes initialized by the cloud controller manager, without masters (which are excluded from load balancers). */
export const workers = ({ host, data }: Controller) =>
  Object.values(data.nodes).filter((node) => !node.master && nodeLife(host, data, node).initialized);

/** Objects with one of them replaced or removed. */
export const replaced = (
  controller: Controller,
  objects: Objects,
  key: string,
  next: StoredObject | undefined,
): Objects => {
  if (next === objects[key]) return objects;
  return next === undefined ? without(objects, key) : { ...objects, [key]: { ...next, version: controller.index } };
};
