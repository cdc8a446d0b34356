import { uuid5 } from '../../lib/ids.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterView, NodeRecord } from './clusterState.ts';
import { nodeLife } from './nodeLife.ts';
import { kubeTime, type KubeObject } from './kubeObject.ts';
import { podConditions } from './podLife.ts';
import { storedPod } from './storedPods.ts';
import { storedOf } from './storedObject.ts';

interface Pod {
  readonly name: string;
  readonly node: NodeRecord;
  readonly container: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ready: boolean;
  readonly created: number;
  readonly owner: string;
  readonly priority: string;
}

/** All pods: stored ones, and those of every machine: static pods of masters, kube-proxy, cloud controller manager. */
export const podObjects = (host: GuestHost, view: ClusterView): readonly KubeObject[] => [
  ...storedOf(view.data, 'pods').map(([, stored]) => storedPod(host, view, stored)),
  ...Object.values(view.data.nodes)
    .flatMap((node) => machinePods(host, view, node))
    .map((pod) => podObject(view, pod)),
];

const registry = 'registry.k8s.io';

const machinePods = (host: GuestHost, { data }: ClusterView, node: NodeRecord): Pod[] => {
  const now = host.clock.now();
  const { versions } = data;
  const running = nodeLife(host, data, node).ready !== 'Unknown';
  const base = { node, ready: running, created: node.created };
  const staticPod = (component: string, image: string): Pod => ({
    ...base,
    name: `${component}-${node.name}`,
    container: component,
    image: `${registry}/${image}`,
    labels: { component, tier: 'control-plane' },
    owner: 'Node',
    priority: 'system-node-critical',
  });
  const daemonPod = (name: string, image: string, labels: Record<string, string>): Pod => ({
    ...base,
    name: `${name}-${short(node.uid + name)}`,
    container: name,
    image: `${registry}/${image}`,
    labels: {
      ...labels,
      'controller-revision-hash': uuid5(data.uid, 'revision', name).slice(0, 8),
      'pod-template-generation': '1',
    },
    owner: 'DaemonSet',
    priority: 'system-node-critical',
  });
  const proxy = daemonPod('kube-proxy', `kube-proxy:v${versions.kubernetes}`, { 'k8s-app': 'kube-proxy' });
  if (!node.master) return [proxy];
  const controller = data.addOnsAt !== undefined && data.addOnsAt <= now;
  return [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((text) =>
      staticPod(text, `${text}:v${versions.kubernetes}`),
    ),
    staticPod('etcd', `etcd:${versions.etcd}-0`),
    proxy,
    ...(controller
      ? [
          daemonPod(
            'cloud-controller-manager',
            `cloud-provider-gcp/cloud-controller-manager:${versions.cloudController}`,
            { component: 'cloud-controller-manager' },
          ),
        ]
      : []),
  ];
};

const short = (seed: string): string => uuid5('pod', seed).slice(0, 5);

const podObject = ({ data, etcd }: ClusterView, pod: Pod): KubeObject => {
  const uid = uuid5(data.uid, 'pod', pod.name, pod.node.uid);
  const owner =
    pod.owner === 'Node'
      ? { apiVersion: 'v1', kind: 'Node', name: pod.node.name, uid: pod.node.uid }
      : ownerOf(data.uid, pod);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: 'kube-system',
      uid,
      creationTimestamp: kubeTime(pod.created),
      resourceVersion: String(etcd.index),
      labels: pod.labels,
      ...(pod.owner === 'Node' ? { annotations: staticAnnotations(pod, uid) } : {}),
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: {
      containers: [{ name: pod.container, image: pod.image, imagePullPolicy: 'IfNotPresent', resources: {} }],
      nodeName: pod.node.name,
      hostNetwork: true,
      priorityClassName: pod.priority,
      restartPolicy: 'Always',
      tolerations: [],
      volumes: [],
    },
    status: statusOf(pod, uid),
  };
};

// Set by kubelet; kubectl drain recognizes a static pod by `mirror`.
const staticAnnotations = ({ created }: Pod, uid: string): Record<string, string> => {
  const hash = uid.replaceAll('-', '');
  return {
    'kubernetes.io/config.hash': hash,
    'kubernetes.io/config.mirror': hash,
    'kubernetes.io/config.seen': kubeTime(created),
    'kubernetes.io/config.source': 'file',
  };
};

const ownerOf = (cluster: string, { owner, container }: Pod): object => ({
  apiVersion: 'apps/v1',
  kind: owner,
  name: container,
  uid: daemonSetUid(cluster, container),
});

/** uid of the DaemonSet that owns pods on every machine. */
export const daemonSetUid = (cluster: string, name: string): string => uuid5(cluster, 'DaemonSet', name);

const statusOf = (pod: Pod, uid: string): object => {
  const since = kubeTime(pod.created);
  const podIp = pod.node.internalIp;
  return {
    phase: 'Running',
    conditions: podConditions({ phase: 'Running', ready: pod.ready }, since),
    hostIP: pod.node.internalIp,
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    qosClass: 'Burstable',
    startTime: since,
    containerStatuses: [
      {
        name: pod.container,
        image: pod.image,
        imageID: '',
        containerID: `containerd://${uid.replaceAll('-', '')}`,
        ready: true,
        started: true,
        restartCount: 0,
        lastState: {},
        state: { running: { startedAt: since } },
      },
    ],
  };
};
