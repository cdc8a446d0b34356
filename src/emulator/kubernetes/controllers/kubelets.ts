import { wallClock } from '../../../lib/clock.ts';
import type { GuestHost } from '../../guestRuntime.ts';
import type { ClusterData } from '../clusterState.ts';
import { machineOf, nodeTimes } from '../nodeLife.ts';
import { podTimes } from '../podLife.ts';
import { isServer, runContainer } from '../programs.ts';
import { podSpec, storedOf, type Objects, type StoredObject } from '../storedObject.ts';
import { leaving, without } from './workloads.ts';

/** Applies what kubelets, node lifecycle, and pod garbage collection have done to the pods by now. */
export const kubelets = (host: GuestHost, data: ClusterData): Objects => {
  let { objects } = data;
  for (const [key, stored] of storedOf(data, 'pods')) {
    const next = onNode(host, { ...data, objects }, stored);
    if (next === undefined) objects = without(objects, key);
    else if (next !== stored) objects = { ...objects, [key]: next };
  }
  return objects;
};

const onNode = (host: GuestHost, data: ClusterData, stored: StoredObject): StoredObject | undefined => {
  const now = host.clock.now();
  const { placed, deleting, ended } = stored.pod ?? {};
  const node = data.nodes[podSpec(stored.object).nodeName ?? ''];
  if (placed === undefined) return deleting === undefined ? stored : undefined;
  if (node === undefined) return undefined;
  const runs = machineOf(host, node) !== undefined;
  if (deleting !== undefined) {
    // A silent kubelet confirms nothing: the pod stays Terminating until the kubelet is back or its Node is deleted.
    const isOver = now - deleting.at >= Math.min(deleting.graceMs, podTimes.stopMs) || ended !== undefined;
    return runs && isOver ? undefined : stored;
  }
  if (node.lost !== undefined && now - node.lost.at >= nodeTimes.evictMs) return leaving(host, stored);
  const at = placed + podTimes.startMs + podTimes.runMs;
  if (!runs || ended !== undefined || now < at || isServer(stored)) return stored;
  return {
    ...stored,
    pod: { ...stored.pod, ended: { at, wall: wallClock.now(), ...runContainer(host, data, stored) } },
  };
};
