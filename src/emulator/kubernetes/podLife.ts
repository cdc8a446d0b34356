import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterData, NodeRecord } from './clusterState.ts';
import { nodeLife } from './nodeLife.ts';
import { podSpec, type StoredObject } from './storedObject.ts';

/** Pod timings, milliseconds of cluster time. */
export const podTimes = {
  /** From binding until the image is pulled and the container runs and is ready. */
  startMs: 4_000,
  /** Run time of a container that is not a server. */
  runMs: 1_500,
  /** From SIGTERM to the end of a well-behaved container; CoreDNS takes five more seconds for its lameduck. */
  stopMs: 1_000,
} as const;

/** Status that kubelet would report for a pod by now. */
export interface PodLife {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly ready: boolean;
  readonly node: NodeRecord | undefined;
}

/** State of a stored pod at this instant of cluster time. */
export const podLife = (host: GuestHost, data: ClusterData, stored: StoredObject): PodLife => {
  const node = data.nodes[podSpec(stored.object).nodeName ?? ''];
  const { placed, ended } = stored.pod ?? {};
  if (ended !== undefined) return { phase: ended.code === 0 ? 'Succeeded' : 'Failed', ready: false, node };
  if (placed === undefined || node === undefined || host.clock.now() - placed < podTimes.startMs)
    return { phase: 'Pending', ready: false, node };
  return { phase: 'Running', ready: nodeLife(host, data, node).ready === 'True', node };
};

/**
 * Conditions of a bound pod, in kubelet's order; with a silent
 * kubelet the containers stay ready and only the pod does not.
 */
export const podConditions = ({ phase, ready }: Pick<PodLife, 'phase' | 'ready'>, since: string): object[] => {
  const runs = phase === 'Running';
  const over = phase === 'Succeeded' || phase === 'Failed' ? 'PodCompleted' : undefined;
  const why = runs ? undefined : (over ?? 'ContainersNotReady');
  const condition = (type: string, holds: boolean, reason?: string): object => ({
    ...{ type, status: holds ? 'True' : 'False', lastProbeTime: null, lastTransitionTime: since },
    ...(reason === undefined ? {} : { reason }),
  });
  return [
    condition('PodReadyToStartContainers', runs, runs ? undefined : 'PodSandboxNotReady'),
    condition('Initialized', true, over),
    condition('Ready', ready, why),
    condition('ContainersReady', runs, why),
    condition('PodScheduled', true),
  ];
};
