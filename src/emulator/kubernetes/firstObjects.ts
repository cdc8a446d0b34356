import { wallClock } from '../../lib/clock.ts';
import { uuid4, type Ids } from '../../lib/ids.ts';
import { kubeTime, type KubeObject } from './kubeObject.ts';
import { serviceIp } from './serviceAddresses.ts';
import { objectKey, type Objects } from './storedObject.ts';

const made = (
  ids: Ids,
  plural: string,
  apiVersion: string,
  kind: string,
  [namespace, name]: readonly [string | undefined, string],
  spec?: object,
  labels?: Readonly<Record<string, string>>,
): Objects => {
  const object: KubeObject = {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: uuid4(ids),
      creationTimestamp: kubeTime(wallClock.now()),
      resourceVersion: '1',
      ...(labels === undefined ? {} : { labels }),
    },
    ...(spec === undefined ? {} : { spec }),
  };
  return { [objectKey(plural, namespace, name)]: { object, version: 1 } };
};

const system = 'kube-system';
const dnsLabels = { 'k8s-app': 'kube-dns' };

/** Objects that API server and kubeadm create in a new cluster: namespaces, the API's Service, CoreDNS with its Service. */
export const firstObjects = (ids: Ids, serviceCidr: string, coreDns: string): Objects => {
  const namespace = (name: string): Objects =>
    made(ids, 'namespaces', 'v1', 'Namespace', [undefined, name], undefined, { 'kubernetes.io/metadata.name': name });
  const template = {
    metadata: { labels: dnsLabels },
    spec: {
      containers: [{ name: 'coredns', image: `registry.k8s.io/coredns/coredns:v${coreDns}`, resources: {} }],
      priorityClassName: 'system-cluster-critical',
      tolerations: [
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
        { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
      ],
    },
  };
  const port = (name: string, number: number, protocol = 'TCP'): object => ({
    name,
    port: number,
    targetPort: number,
    protocol,
  });
  const service = (
    where: readonly [string, string],
    index: number,
    ports: object[],
    labels: Readonly<Record<string, string>>,
    selector?: object,
  ): Objects => {
    const spec = { clusterIP: serviceIp(serviceCidr, index), type: 'ClusterIP', ports };
    return made(ids, 'services', 'v1', 'Service', where, { ...spec, ...(selector && { selector }) }, labels);
  };
  return {
    ...['default', system, 'kube-public', 'kube-node-lease'].reduce((all, n) => ({ ...all, ...namespace(n) }), {}),
    ...service(['default', 'kubernetes'], 1, [port('https', 443)], { component: 'apiserver', provider: 'kubernetes' }),
    ...service(
      [system, 'kube-dns'],
      10,
      [port('dns', 53, 'UDP'), port('dns-tcp', 53), port('metrics', 9153)],
      { ...dnsLabels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      dnsLabels,
    ),
    ...made(
      ids,
      'deployments',
      'apps/v1',
      'Deployment',
      [system, 'coredns'],
      { replicas: 2, selector: { matchLabels: dnsLabels }, template },
      dnsLabels,
    ),
  };
};

/** CoreDNS's PodDisruptionBudget, one of the add-ons that Trizone applies. */
export const dnsBudget = (ids: Ids): Objects =>
  made(ids, 'poddisruptionbudgets', 'policy/v1', 'PodDisruptionBudget', [system, 'coredns'], {
    minAvailable: 1,
    selector: { matchLabels: dnsLabels },
  });
