import { uuid5 } from '../../lib/ids.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterView, DnsPod, NodeRecord } from './clusterState.ts';
import { nodeLife, nodeTimes } from './nodeLife.ts';
import { kubeTime, type KubeObject } from './kubeObject.ts';

interface Pod {
  readonly name: string;
  readonly node: NodeRecord;
  readonly container: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ready: boolean;
  readonly created: number;
  readonly hostNetwork: boolean;
  readonly owner: string;
  readonly priority: string;
}

/** The pods of kube-system: static pods of the masters, kube-proxy, cloud controller manager, CoreDNS. */
export const podObjects = (host: GuestHost, view: ClusterView): readonly KubeObject[] =>
  podsOf(host, view).map((pod) => podObject(view, pod));

const podsOf = (host: GuestHost, view: ClusterView): Pod[] => {
  const nodes = Object.values(view.data.nodes);
  return [
    ...view.data.dns.flatMap((pod) => dnsPod(host, view, pod)),
    ...nodes.flatMap((node) => machinePods(host, view, node)),
  ];
};

const registry = 'registry.k8s.io';

const machinePods = (host: GuestHost, { data }: ClusterView, node: NodeRecord): Pod[] => {
  const now = host.clock.now();
  const { versions } = data;
  const running = nodeLife(host, data, node).ready !== 'Unknown';
  const base = { node, ready: running, created: node.created, hostNetwork: true };
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
    labels,
    owner: 'DaemonSet',
    priority: 'system-node-critical',
  });
  const proxy = daemonPod('kube-proxy', `kube-proxy:v${versions.kubernetes}`, { 'k8s-app': 'kube-proxy' });
  if (!node.master) return [proxy];
  const controller = data.addOnsAt !== undefined && data.addOnsAt <= now;
  return [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((c) =>
      staticPod(c, `${c}:v${versions.kubernetes}`),
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

const dnsPod = (host: GuestHost, { data }: ClusterView, pod: DnsPod): Pod[] => {
  const node = data.nodes[pod.node];
  if (node === undefined) return [];
  const started = host.clock.now() - pod.placed >= nodeTimes.networkMs;
  return [
    {
      node,
      name: pod.name,
      container: 'coredns',
      image: `${registry}/coredns/coredns:v${data.versions.coreDns}`,
      labels: { 'k8s-app': 'kube-dns', 'pod-template-hash': pod.name.split('-')[1] ?? '' },
      ready: started && nodeLife(host, data, node).ready === 'True',
      created: pod.created,
      hostNetwork: false,
      owner: 'ReplicaSet',
      priority: 'system-cluster-critical',
    },
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
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: {
      containers: [{ name: pod.container, image: pod.image, imagePullPolicy: 'IfNotPresent', resources: {} }],
      nodeName: pod.node.name,
      hostNetwork: pod.hostNetwork,
      priorityClassName: pod.priority,
      restartPolicy: 'Always',
      tolerations: [],
      volumes: [],
    },
    status: statusOf(pod, uid),
  };
};

const ownerOf = (cluster: string, pod: Pod): object => {
  const name = pod.owner === 'ReplicaSet' ? pod.name.slice(0, pod.name.lastIndexOf('-')) : pod.container;
  return { apiVersion: 'apps/v1', kind: pod.owner, name, uid: uuid5(cluster, pod.owner, name) };
};

const statusOf = (pod: Pod, uid: string): object => {
  const since = kubeTime(pod.created);
  const ready = pod.ready ? 'True' : 'False';
  const conditions = [
    ['Initialized', 'True'],
    ['Ready', ready],
    ['ContainersReady', ready],
    ['PodScheduled', 'True'],
  ].map(([type, status]) => ({ type, status, lastProbeTime: null, lastTransitionTime: since }));
  const podIp = pod.hostNetwork ? pod.node.internalIp : inRange(pod.node.podCidr, uid);
  return {
    phase: 'Running',
    conditions,
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
        ready: pod.ready,
        started: pod.ready,
        restartCount: 0,
        lastState: {},
        state: { running: { startedAt: since } },
      },
    ],
  };
};

// An address of the Node's /24, never its first ones.
const inRange = (cidr: string, seed: string): string =>
  `${cidr.split('.').slice(0, 3).join('.')}.${2 + (Number.parseInt(seed.slice(0, 4), 16) % 250)}`;
