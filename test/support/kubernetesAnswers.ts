import { join } from 'node:path';
import * as v from 'valibot';

/** One answer of a Kubernetes, reduced to what Trizone reads and kubectl shows. */
export interface Answer {
  /** `GET /api/v1/nodes?limit=500`, or `etcdctl member list`. */
  readonly asked: string;
  /** HTTP status; for a command 0 on success, else 1. */
  readonly status: number;
  /** JSON, or the plain text. */
  readonly body: unknown;
}

/** Folder with the answers of a real Kubernetes 1.37 cluster, one file per moment. */
export const answersFolder = join(import.meta.dirname, '..', 'fixtures', 'kubernetes-1.37');

/** The states of a cluster in which its answers are recorded. */
export const moments = ['standing', 'newNode', 'changes', 'silent', 'noQuorum', 'validate'] as const;
export type Moments = Readonly<Record<(typeof moments)[number], readonly Answer[]>>;

const metadata = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.creationTimestamp',
  'metadata.deletionTimestamp',
];
const conditions = ['status.conditions.*.type', 'status.conditions.*.status', 'status.conditions.*.reason'];

/** Paths kept of an object, by kind; `*` is every element. Other kinds, such as a Status, are kept completely. */
const keptPaths: Readonly<Record<string, readonly string[]>> = {
  Node: [
    ...metadata,
    'metadata.annotations.trizone/certificates-end',
    ...['spec.podCIDR', 'spec.providerID', 'spec.unschedulable'],
    ...['spec.taints.*.key', 'spec.taints.*.value', 'spec.taints.*.effect'],
    ...conditions,
    'status.nodeInfo.kubeletVersion',
  ],
  Pod: [
    ...metadata,
    'metadata.annotations',
    ...['metadata.ownerReferences.*.kind', 'metadata.ownerReferences.*.name', 'metadata.ownerReferences.*.controller'],
    ...['spec.nodeName', 'spec.volumes.*.persistentVolumeClaim.claimName'],
    ...['status.phase', 'status.containerStatuses.*.ready', 'status.containerStatuses.*.restartCount'],
    ...conditions,
  ],
  Version: ['gitVersion'],
  Lease: [...metadata, 'spec'],
  Service: [...metadata, 'spec.type'],
  PersistentVolumeClaim: [...metadata, 'spec.volumeName', 'status.phase'],
  PersistentVolume: [
    ...metadata,
    'spec.persistentVolumeReclaimPolicy',
    'spec.csi.volumeHandle',
    ...['spec.claimRef.namespace', 'spec.claimRef.name', 'status.phase'],
  ],
};

type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object of that kind without unread fields. */
export const reduced = (kind: string, object: unknown): unknown => {
  const paths = keptPaths[kind];
  return paths === undefined
    ? object
    : kept(
        object,
        paths.map((path) => path.split('.')),
      );
};

const kept = (value: unknown, paths: readonly (readonly string[])[]): unknown => {
  if (paths.some((path) => path.length === 0)) return value;
  const below = (key: string) => paths.filter((p) => p[0] === key).map((p) => p.slice(1));
  if (Array.isArray(value)) return value.map((one) => kept(one, below('*'))).filter(isFull);
  if (!isJson(value)) return value;
  const entries = Object.entries(value).filter(([key]) => paths.some((p) => p[0] === key));
  return Object.fromEntries(entries.map(([key, one]) => [key, kept(one, below(key))]).filter(([, one]) => isFull(one)));
};

// Empty and absent are the same to every reader.
const isFull = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Object.keys(value).length > 0;

// Values that differ between clusters, and their placeholders.
const variable: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>'],
  [/apiserver-[0-9a-z]{26}/g, 'apiserver-<hash>'],
  [/\b[0-9a-f]{32}\b/g, '<hash>'],
  [/\b[0-9a-f]{14,16}\b/g, '<member>'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?:\/\d+)?/g, '<ip>'],
  [/(kubernetes-master|kubernetes-minion-group)-[0-9a-z]{3,4}\b/g, '$1-<x>'],
  [/(kube-proxy|coredns-[0-9a-z]{8,10})-[0-9a-z]{5}\b/g, '$1-<x>'],
  [/(coredns)-[0-9a-z]{8,10}/g, '$1-<hash>'],
  [/trizone-lab|demo-project/g, '<project>'],
  [/europe-west1-[bcd]/g, 'europe-west1-<z>'],
  [/^[0-9a-f]{8,10}$|^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/g, '<hash>'],
  [/^\d{5,}$/g, '<number>'],
  [/\(\d+\)$/g, '(<version>)'],
  // etcdctl: its client's log, sizes, and Raft's numbers.
  [/^\{"level".*\n/gm, ''],
  [/\d+(?:\.\d+)? [kMG]?B/g, '<size>'],
  [/(?<=, )\d+%?(?=,)/g, '<n>'],
  [/(?<=valid for )\d+(?= min| days)/g, '<n>'],
];

// The same by field name: where a pod runs, who leads and since how many changes, the machines' types.
const variableKeys: Readonly<Record<string, string>> = {
  resourceVersion: '<version>',
  nodeName: '<node>',
  holderIdentity: '<holder>',
  leaseTransitions: '<n>',
  'node.kubernetes.io/instance-type': '<type>',
};

/** Fields that neither Trizone nor kubectl's tables read, and that the simulation therefore lacks. */
const unread = ['kubectl.kubernetes.io/restartedAt', 'kubeadm.kubernetes.io/etcd.advertise-client-urls'];

/** The value with placeholders for everything that differs between clusters: matching answers are then equal. */
export const comparable = (value: unknown): unknown => {
  if (typeof value === 'string') return variable.reduce((text, [found, sign]) => text.replace(found, sign), value);
  if (Array.isArray(value)) return value.map(comparable);
  if (!isJson(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !unread.includes(key))
    .map(([key, one]) => [key, variableKeys[key] ?? comparable(one)] as const);
  return Object.fromEntries(entries.filter(([, one]) => isFull(one)));
};

// Identifies an element of a list; by its position only if nothing else does.
const nameIn = (one: unknown, i: number): string => {
  const { type, key, effect } = isJson(one) ? one : {};
  if (typeof type === 'string') return type;
  return typeof key === 'string' ? `${key}:${String(effect)}` : String(i);
};

/** Leaves of a JSON value, as `path: value`. */
const leaves = (value: unknown, path: string): string[] => {
  const own = Array.isArray(value) ? value.map((one, i): [string, unknown] => [nameIn(one, i), one]) : undefined;
  const entries = own ?? (isJson(value) ? Object.entries(value) : []);
  if (entries.length > 0) return entries.flatMap(([key, one]) => leaves(one, `${path}/${key}`));
  return typeof value === 'string' && value.includes('\n')
    ? value.split('\n').map((line) => `${path}: ${line}`)
    : [`${path}: ${JSON.stringify(value)}`];
};

/**
 * Differences between two answers to the same request, apart from
 * what varies between clusters: `-` the real one, `+` ours.
 */
export const differences = (real: Answer, simulated: Answer | undefined): string[] => {
  const [of, by] = [real, simulated].map((answer) => leaves(comparable(answer), ''));
  const [is, ours] = [new Set(of), new Set(by)];
  return [
    ...[...is].filter((line) => !ours.has(line)).map((line) => `-${line}`),
    ...[...ours].filter((line) => !is.has(line)).map((line) => `+${line}`),
  ];
};

const validation = v.object({ checks: v.array(v.object({ id: v.string(), ok: v.boolean() })) });

/** The checks of `trizone validate` by name, and whether they pass. */
export const checksIn = ({ validate }: Moments): readonly (readonly [string, boolean])[] =>
  validate.flatMap(({ body }) => v.parse(validation, body).checks.map(({ id, ok }) => [id, ok] as const));
