import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterView } from './clusterState.ts';
import { kubeTime, type KubeObject } from './kubeObject.ts';
import { podConditions, podLife, podTimes, type PodLife } from './podLife.ts';
import { podSpec, type StoredObject } from './storedObject.ts';

/** A stored pod with the status that scheduler and kubelet would have set by now. */
export const storedPod = (host: GuestHost, { data, etcd }: ClusterView, stored: StoredObject): KubeObject => {
  const life = podLife(host, data, stored);
  const { object } = stored;
  return {
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(etcd.index) },
    spec: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', ...(object.spec as object) },
    status: statusOf(object, stored, life),
  };
};

/** A pod's address: one of its Node's /24, never the first ones. Empty until it runs. */
export const podAddress = ({ object }: StoredObject, { node, phase }: PodLife): string => {
  if (node === undefined || phase === 'Pending') return '';
  if (podSpec(object).hostNetwork === true) return node.internalIp;
  const n = 2 + (Number.parseInt(object.metadata.uid.slice(0, 4), 16) % 250);
  return `${node.podCidr.split('.').slice(0, 3).join('.')}.${n}`;
};

const statusOf = (object: KubeObject, stored: StoredObject, life: PodLife): object => {
  const since = object.metadata.creationTimestamp;
  const ip = podAddress(stored, life);
  if (life.node === undefined) {
    const waits = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' };
    return {
      phase: 'Pending',
      conditions: [{ ...waits, lastProbeTime: null, lastTransitionTime: since }],
      qosClass: 'BestEffort',
    };
  }
  return {
    phase: life.phase,
    conditions: podConditions(life, since),
    hostIP: life.node.internalIp,
    ...(ip === '' ? {} : { podIP: ip, podIPs: [{ ip }] }),
    qosClass: 'BestEffort',
    startTime: since,
    containerStatuses: podSpec(object).containers.map(({ name, image }) => ({
      name,
      image,
      imageID: life.phase === 'Pending' ? '' : `docker.io/library/${image}@sha256:simulated`,
      ...(life.phase === 'Pending' ? {} : { containerID: `containerd://${object.metadata.uid.replaceAll('-', '')}` }),
      ready: life.phase === 'Running',
      started: life.phase === 'Running',
      restartCount: 0,
      lastState: {},
      state: stateOf(since, stored, life),
    })),
  };
};

const stateOf = (since: string, { pod }: StoredObject, { phase }: PodLife): object => {
  if (phase === 'Pending') return { waiting: { reason: 'ContainerCreating' } };
  if (pod?.ended === undefined) return { running: { startedAt: since } };
  const { code, wall } = pod.ended;
  const startedAt = kubeTime(wall - podTimes.runMs);
  const reason = code === 0 ? 'Completed' : 'Error';
  return { terminated: { exitCode: code, reason, startedAt, finishedAt: kubeTime(wall) } };
};
