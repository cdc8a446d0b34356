import { wallClock } from '../../../lib/clock.ts';
import { loadMachine } from '../../guest/documents.ts';
import type { GuestHost } from '../../guestRuntime.ts';
import type { ClusterData, ClusterView, NodeRecord } from '../clusterState.ts';
import { machineOf, nodeLife } from '../nodeLife.ts';
import { balancers } from './balancers.ts';
import { controllerOf } from './controller.ts';
import { kubelets } from './kubelets.ts';
import { scheduler, spreadDns } from './scheduler.ts';
import { volumes } from './volumes.ts';
import { deployments, orphans, replicaSets } from './workloads.ts';

/**
 * Changes that the controllers, kubelets, and the masters' timer have made by now: Nodes whose machine is gone or
 * replaced are deleted; workloads get pods, pods are scheduled and ended; Services and claims get their cloud
 * resources. Undefined if there is nothing to do.
 */
export const reconciled = (host: GuestHost, view: ClusterView): ClusterData | undefined => {
  const { data } = view;
  const kept = Object.entries(data.nodes).filter(([, node]) => !isLeftOver(host, data, node));
  const nodes = Object.fromEntries(kept.map(([name, node]) => [name, heardOf(host, node)]));
  const same = kept.length === Object.keys(data.nodes).length && kept.every(([name, node]) => nodes[name] === node);
  let now: ClusterData = same ? data : { ...data, nodes };
  const step = (objects: ClusterData['objects']): void => {
    if (objects !== now.objects) now = { ...now, objects };
  };
  step(kubelets(host, now));
  step(orphans(host, now.objects));
  step(spreadDns(host, now));
  step(deployments(host, view, now.objects));
  step(replicaSets(host, view, now.objects));
  step(scheduler(host, now));
  const controller = controllerOf(host, view, now);
  if (controller !== undefined) {
    step(balancers({ ...controller, data: now }));
    step(volumes({ ...controller, data: now }));
  }
  return now === data ? undefined : now;
};

// kubelet's heartbeat, as the controllers see it.
const heardOf = (host: GuestHost, node: NodeRecord): NodeRecord => {
  const silent = machineOf(host, node) === undefined;
  if (silent === (node.lost !== undefined)) return node;
  if (silent) return { ...node, lost: { at: host.clock.now(), wall: wallClock.now() } };
  return { ...node, lost: undefined };
};

const isLeftOver = (host: GuestHost, data: ClusterData, node: NodeRecord): boolean => {
  const known = loadMachine(host, node.key);
  // The masters' timer detects a re-created node by its instance ID; a master re-created on its disk keeps its Node.
  if (known !== undefined) return known.instanceId !== node.instanceId && !node.master;
  return data.addOnsAt !== undefined && nodeLife(host, data, node).ready === 'Unknown';
};
