import { uuid5 } from '../../lib/ids.ts';
import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterView } from './clusterState.ts';
import type { KubeObject } from './kubeObject.ts';
import { podLife } from './podLife.ts';
import { podAddress } from './storedPods.ts';
import { fits, serviceSpec, storedOf, type StoredObject } from './storedObject.ts';

interface Backend {
  readonly ip: string;
  readonly ready: boolean;
  readonly node: string;
  readonly zone: string;
  readonly pod: KubeObject;
}

const backendsOf = (host: GuestHost, { data }: ClusterView, service: KubeObject): Backend[] => {
  const { selector } = serviceSpec(service);
  return storedOf(data, 'pods').flatMap(([, pod]) => {
    const { object } = pod;
    const chosen = object.metadata.namespace === service.metadata.namespace && fits(selector, object.metadata.labels);
    const life = podLife(host, data, pod);
    if (!chosen || life.phase !== 'Running' || life.node === undefined || pod.pod?.deleting !== undefined) return [];
    return [{ ip: podAddress(pod, life), ready: life.ready, node: life.node.name, zone: life.node.zone, pod: object }];
  });
};

const portsOf = (service: KubeObject): object[] =>
  serviceSpec(service).ports.map(({ name, port, targetPort, protocol = 'TCP' }) => ({
    ...(name === undefined ? {} : { name }),
    port: typeof targetPort === 'number' ? targetPort : port,
    protocol,
  }));

const withSelector = (view: ClusterView): StoredObject[] =>
  storedOf(view.data, 'services')
    .map(([, service]) => service)
    .filter(({ object }) => serviceSpec(object).selector !== undefined);

const metadata = (view: ClusterView, service: KubeObject, name: string, labels: Record<string, string>) => ({
  name,
  namespace: service.metadata.namespace ?? 'default',
  uid: uuid5(view.data.uid, 'endpoints', service.metadata.uid),
  creationTimestamp: service.metadata.creationTimestamp,
  resourceVersion: String(view.etcd.index),
  labels,
});

const target = ({ metadata: { name, namespace, uid } }: KubeObject): object => ({ kind: 'Pod', name, namespace, uid });

/** Endpoints of the Services that select pods. */
export const endpointObjects = (host: GuestHost, view: ClusterView): readonly KubeObject[] =>
  withSelector(view).map(({ object: service }): KubeObject => {
    const all = backendsOf(host, view, service);
    const addresses = (ready: boolean): object[] =>
      all.filter((b) => b.ready === ready).map((b) => ({ ip: b.ip, nodeName: b.node, targetRef: target(b.pod) }));
    const [ready, waiting] = [addresses(true), addresses(false)];
    const subset = {
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(waiting.length === 0 ? {} : { notReadyAddresses: waiting }),
      ports: portsOf(service),
    };
    const object = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: metadata(view, service, service.metadata.name, { ...service.metadata.labels }),
    };
    return all.length === 0 ? object : { ...object, subsets: [subset] };
  });

/** EndpointSlices, one per Service. */
export const sliceObjects = (host: GuestHost, view: ClusterView): readonly KubeObject[] =>
  withSelector(view).map(({ object: service }): KubeObject => {
    const { name } = service.metadata;
    const labels = { 'kubernetes.io/service-name': name };
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: metadata(view, service, `${name}-${service.metadata.uid.slice(0, 5)}`, labels),
      addressType: 'IPv4',
      // In an EndpointSlice an unnamed port has an empty name (kubectl describe dereferences it unchecked).
      ports: portsOf(service).map((port) => ({ name: '', ...port })),
      endpoints: backendsOf(host, view, service).map((backend) => ({
        addresses: [backend.ip],
        conditions: { ready: backend.ready, serving: backend.ready, terminating: false },
        nodeName: backend.node,
        zone: backend.zone,
        targetRef: target(backend.pod),
      })),
    };
  });
