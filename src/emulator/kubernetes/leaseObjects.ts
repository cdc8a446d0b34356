import { wallClock } from '../../lib/clock.ts';
import { uuid5 } from '../../lib/ids.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterView } from './clusterState.ts';
import { kubeTime, type KubeObject } from './kubeObject.ts';
import { storedOf } from './storedObject.ts';

/**
 * Leases: one per Node (kubelet's heartbeat), and those of the leaders in kube-system. Their times are wall time,
 * because clients compare them with their own clock; while the holder runs, they are as fresh as the answer.
 */
export const leaseObjects = (_host: GuestHost, view: ClusterView): readonly KubeObject[] => {
  const { data, etcd, running } = view;
  const nodes = Object.values(data.nodes).map((node) =>
    lease(view, 'kube-node-lease', node.name, {
      ...{ holder: node.name, seconds: 40, created: node.created },
      renewed: node.lost?.wall ?? tick(10),
    }),
  );
  const leader = running.get(etcd.leader)?.name;
  const stored = storedOf(data, 'leases').map(([, { object }]) => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(etcd.index) },
  }));
  if (leader === undefined) return [...stored, ...nodes];
  const created = data.nodes[leader]?.created ?? wallClock.now();
  const components = [
    'kube-controller-manager',
    'kube-scheduler',
    ...(data.addOnsAt === undefined ? [] : ['cloud-controller-manager']),
  ];
  const leaders = components.map((name) =>
    lease(view, 'kube-system', name, {
      ...{ holder: `${leader}_${uuid5(data.uid, leader, name)}`, seconds: 15, created },
      ...{ renewed: tick(2), elected: true },
    }),
  );
  const servers = [...running.values()].map((master) => {
    const id = `apiserver-${uuid5(data.uid, master.name).replaceAll('-', '').slice(0, 26)}`;
    return lease(view, 'kube-system', id, {
      ...{ holder: `${id}_${uuid5(data.uid, id)}`, seconds: 3600, created },
      ...{ renewed: tick(10), labels: apiServerLabels(master.name) },
    });
  });
  return [...stored, ...nodes, ...leaders, ...servers];
};

const apiServerLabels = (host: string): Record<string, string> => ({
  'apiserver.kubernetes.io/identity': 'kube-apiserver',
  'kubernetes.io/hostname': host,
});

// The last renewal of a holder that renews every `seconds`.
const tick = (seconds: number): number => wallClock.now() - (wallClock.now() % (seconds * 1000));

interface Held {
  readonly holder: string;
  readonly seconds: number;
  readonly created: number;
  readonly renewed: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether it was won by an election; otherwise it is a heartbeat. */
  readonly elected?: boolean;
}

const lease = ({ data, etcd }: ClusterView, namespace: string, name: string, held: Held): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: {
    name,
    namespace,
    uid: uuid5(data.uid, 'lease', namespace, name),
    creationTimestamp: kubeTime(held.created),
    resourceVersion: String(etcd.index),
    ...(held.labels === undefined ? {} : { labels: held.labels }),
  },
  spec: {
    holderIdentity: held.holder,
    leaseDurationSeconds: held.seconds,
    renewTime: microTime(held.renewed),
    ...(held.elected === true ? { acquireTime: microTime(held.created), leaseTransitions: etcd.term - 2 } : {}),
  },
});

const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
