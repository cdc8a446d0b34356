/** What every Kubernetes object has; the rest is as its kind wants it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly object[];
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** An instant as Kubernetes writes it: whole seconds, UTC. */
export const kubeTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');
