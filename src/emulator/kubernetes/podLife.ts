import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterData, NodeRecord } from './clusterState.ts';
import { nodeLife } from './nodeLife.ts';
import { podSpec, type StoredObject } from './storedObject.ts';

/** Times of a pod, milliseconds of cluster time. */
export const podTimes = {
  /** From its binding until its image is there and its container runs and is ready. */
  startMs: 4_000,
  /** How long a container that is no server runs. */
  runMs: 1_500,
  /** Between SIGTERM and the end of a container that behaves; CoreDNS takes five seconds more for its lameduck. */
  stopMs: 1_000,
} as const;

/** What kubelet would say of a pod by now. */
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

/** Conditions of a pod that has its Node, in kubelet's order; a silent kubelet's containers stay ready, only the pod does not. */
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
