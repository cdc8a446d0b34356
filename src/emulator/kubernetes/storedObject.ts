import * as v from 'valibot';
import { OperatorError } from '../../lib/operatorError.ts';
import type { KubeObject } from './kubeObject.ts';

/** Result of a container that ran to completion. */
export interface Ending {
  /** Cluster time. */
  readonly at: number;
  /** Wall time, for display. */
  readonly wall: number;
  readonly code: number;
  readonly output: string;
}

/** State of a pod known to kubelet and scheduler, in cluster time. */
export interface PodFacts {
  /** When it was bound to its Node. */
  readonly placed?: number;
  /** When its deletion was requested, and its grace period. */
  readonly deleting?: { readonly at: number; readonly graceMs: number };
  readonly ended?: Ending;
}

/** An object as written by clients and controllers. Its status is not stored but derived from time and the machines. */
export interface StoredObject {
  readonly object: KubeObject;
  /** etcd index of its last change; updates are checked against it. */
  readonly version: number;
  readonly pod?: PodFacts;
}

/** Objects by key. */
export type Objects = Readonly<Record<string, StoredObject>>;

/** Key of an object: `plural/namespace/name`. */
export const objectKey = (plural: string, namespace: string | undefined, name: string): string =>
  `${plural}/${namespace ?? ''}/${name}`;

/** All objects of a kind with their keys. */
export const storedOf = ({ objects }: { readonly objects: Objects }, plural: string): [string, StoredObject][] =>
  Object.entries(objects).filter(([key]) => key.startsWith(`${plural}/`));

const labels = v.record(v.string(), v.string());
const rule = v.union([v.number(), v.string()]);

/** Whether labels match all wanted ones; an empty map matches nothing. */
export const fits = (
  wanted: Readonly<Record<string, string>> | undefined,
  own: Readonly<Record<string, string>> = {},
) => wanted !== undefined && Object.keys(wanted).length > 0 && Object.entries(wanted).every(([k, x]) => own[k] === x);

const containerSchema = v.object({
  name: v.string(),
  image: v.string(),
  command: v.optional(v.array(v.string())),
  args: v.optional(v.array(v.string())),
  stdin: v.optional(v.boolean()),
  ports: v.optional(v.array(v.object({ containerPort: v.number() }))),
});
const podSchema = v.object({
  nodeName: v.optional(v.string()),
  nodeSelector: v.optional(labels),
  restartPolicy: v.optional(v.picklist(['Always', 'OnFailure', 'Never'])),
  hostNetwork: v.optional(v.boolean()),
  tolerations: v.optional(v.array(v.object({ key: v.optional(v.string()), operator: v.optional(v.string()) }))),
  volumes: v.optional(
    v.array(v.object({ persistentVolumeClaim: v.optional(v.object({ claimName: v.string() })) })),
    [],
  ),
  containers: v.pipe(v.array(containerSchema), v.minLength(1)),
});
const templateSchema = v.object({ metadata: v.object({ labels }), spec: v.looseObject({}) });
const selectorSchema = v.object({ matchLabels: v.optional(labels) });
const workloadSchema = v.object({
  replicas: v.optional(v.number(), 1),
  selector: selectorSchema,
  template: templateSchema,
});
const portSchema = v.object({
  name: v.optional(v.string()),
  port: v.number(),
  targetPort: v.optional(rule),
  nodePort: v.optional(v.number()),
  protocol: v.optional(v.string()),
});
const serviceSchema = v.object({
  selector: v.optional(labels),
  clusterIP: v.optional(v.string()),
  type: v.optional(v.string()),
  ports: v.optional(v.array(portSchema), []),
});
const budgetSchema = v.object({
  minAvailable: v.optional(rule),
  maxUnavailable: v.optional(rule),
  selector: v.optional(selectorSchema),
});

const claimSchema = v.object({
  storageClassName: v.optional(v.string()),
  volumeName: v.optional(v.string()),
  accessModes: v.optional(v.array(v.string()), ['ReadWriteOnce']),
  resources: v.object({ requests: v.object({ storage: v.string() }) }),
});
const volumeSchema = v.object({
  claimRef: v.optional(v.object({ namespace: v.string(), name: v.string(), uid: v.optional(v.string()) })),
  csi: v.optional(v.object({ volumeHandle: v.string() })),
  persistentVolumeReclaimPolicy: v.optional(v.string(), 'Retain'),
});

const reader =
  <S extends v.GenericSchema>(schema: S) =>
  (object: KubeObject): v.InferOutput<S> => {
    const parsed = v.safeParse(schema, object.spec ?? {});
    if (parsed.success) return parsed.output;
    const where = v.getDotPath(parsed.issues[0]);
    throw new OperatorError(
      'bad-request',
      `${object.kind} is invalid: spec.${where ?? ''}: ${parsed.issues[0].message}`,
    );
  };

/** The simulated part of a Pod's spec. */
export const podSpec = reader(podSchema);
/** Spec of a Deployment or a ReplicaSet. */
export const workloadSpec = reader(workloadSchema);
/** Spec of a Service. */
export const serviceSpec = reader(serviceSchema);
/** Spec of a PodDisruptionBudget. */
export const budgetSpec = reader(budgetSchema);
/** Spec of a PersistentVolumeClaim. */
export const claimSpec = reader(claimSchema);
/** Spec of a PersistentVolume. */
export const volumeSpec = reader(volumeSchema);
