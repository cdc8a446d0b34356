/** Fields of every Kubernetes object; the rest depends on its kind. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly generateName?: string;
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly object[];
    /** Each must be removed by its controller before a deleted object goes away. */
    readonly finalizers?: readonly string[];
  };
  readonly spec?: unknown;
  /** Of StorageClasses. */
  readonly provisioner?: unknown;
  readonly reclaimPolicy?: unknown;
  /** Of kinds without a spec. */
  readonly data?: unknown;
  readonly subsets?: unknown;
  readonly addressType?: string;
  readonly ports?: unknown;
  readonly endpoints?: unknown;
  readonly status?: unknown;
}

/** An instant as Kubernetes writes it: whole seconds, UTC. */
export const kubeTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');
