import assert from 'node:assert/strict';
import * as v from 'valibot';
import type { KubeConnection } from '../../src/kube/connection.ts';
import type { CloudWorld } from './cloudWorld.ts';
import { connectionBy } from './kubeConnection.ts';

const schema = v.looseObject({
  metadata: v.looseObject({ name: v.string(), uid: v.optional(v.string(), '') }),
  spec: v.optional(v.looseObject({}), {}),
  status: v.optional(v.looseObject({}), {}),
});

/** The fields of an API object that tests read. */
export type Found = v.InferOutput<typeof schema>;

/** A user's access to the simulated Kubernetes: the admin kubeconfig, through the emulator's proxy. */
export class KubeObjects {
  private readonly api: KubeConnection;

  private constructor(api: KubeConnection) {
    this.api = api;
  }

  static async open(w: CloudWorld): Promise<KubeObjects> {
    const { session } = await w.program();
    const kubeconfig = (await session.kubeconfig('kubernetes-admin')) ?? assert.fail('no kubeconfig');
    return new KubeObjects(connectionBy(kubeconfig, w.clock));
  }

  async make(path: string, object: object): Promise<Found> {
    const body = { type: 'application/json', text: JSON.stringify(object) };
    const { status, text } = await this.api.send({ method: 'POST', path, body });
    assert.equal(status, 201, text);
    return v.parse(schema, JSON.parse(text));
  }

  /** Undefined if it does not exist (any more). */
  async find(path: string): Promise<Found | undefined> {
    const { status, text } = await this.api.ask(path);
    return status === 404 ? undefined : v.parse(schema, JSON.parse(text));
  }

  async remove(path: string): Promise<void> {
    const { status, text } = await this.api.send({ method: 'DELETE', path });
    assert.equal(status, 200, text);
  }

  /** Creates a Service of type LoadBalancer; returns its name in the cloud. */
  async balancer(name: string, namespace = 'default'): Promise<string> {
    const spec = { type: 'LoadBalancer', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] };
    const { metadata } = await this.make(`/api/v1/namespaces/${namespace}/services`, { metadata: { name }, spec });
    return `a${metadata.uid.replaceAll('-', '')}`.slice(0, 32);
  }

  /** Creates a class whose volumes are provisioned by Google's driver. */
  async storageClass(name: string, reclaimPolicy: 'Delete' | 'Retain'): Promise<void> {
    const storage = { metadata: { name }, provisioner: 'pd.csi.storage.gke.io', reclaimPolicy };
    await this.make('/apis/storage.k8s.io/v1/storageclasses', storage);
  }

  /** Creates a claim of 5 GiB; returns the name of its disk. */
  async claim(name: string, storageClassName: string): Promise<string> {
    const resources = { requests: { storage: '5Gi' } };
    const spec = { storageClassName, accessModes: ['ReadWriteOnce'], resources };
    const object = { metadata: { name }, spec };
    const { metadata } = await this.make('/api/v1/namespaces/default/persistentvolumeclaims', object);
    return `pvc-${metadata.uid}`;
  }

  /** Creates a pod with a claim's volume that runs until it is stopped. */
  async pod(name: string, claimName: string): Promise<void> {
    const spec = {
      containers: [{ name: 'one', image: 'nginx' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    };
    await this.make('/api/v1/namespaces/default/pods', { metadata: { name }, spec });
  }
}

type Stored = Readonly<Record<string, unknown>>;

/** Resources of a kind in the emulated cloud, by path; only those with this text in their name. */
export const inCloud = (w: CloudWorld, kind: string, part: string): Readonly<Record<string, Stored>> => {
  const all = (w.resources()[`compute/${kind}`] ?? {}) as Record<string, Stored>;
  return Object.fromEntries(Object.entries(all).filter(([path]) => path.split('/').at(-1)?.includes(part)));
};
