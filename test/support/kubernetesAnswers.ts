import { join } from 'node:path';

/** One answer of a Kubernetes, reduced to what Trizone reads of it and what kubectl shows of that to a person. */
export interface Answer {
  /** `GET /api/v1/nodes?limit=500`, or `etcdctl member list`. */
  readonly asked: string;
  /** HTTP status; of a command 0 where it ended well, else 1. */
  readonly status: number;
  /** JSON, or the text as it is. */
  readonly body: unknown;
}

/** Where the answers of a real cluster of Kubernetes 1.37 lie, one file a moment. */
export const answersFolder = join(import.meta.dirname, '..', 'fixtures', 'kubernetes-1.37');

/** What is true of a cluster for a while, and what it answers meanwhile. */
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

/** What is kept of an object, by kind; `*` is every element. Of other kinds (Status, Lease) everything is kept. */
const keptPaths: Readonly<Record<string, readonly string[]>> = {
  Node: [
    ...metadata,
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

/** An object of that kind without what nobody reads. */
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
  if (Array.isArray(value)) return value.map((one) => kept(one, below('*')));
  if (!isJson(value)) return value;
  const entries = Object.entries(value).filter(([key]) => paths.some((p) => p[0] === key));
  return Object.fromEntries(entries.map(([key, one]) => [key, kept(one, below(key))]));
};

// What is another with every cluster, and what stands for it.
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
  [/^[0-9a-f]{8,10}$|^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/g, '<hash>'],
  [/^\d{5,}$/g, '<number>'],
  // etcdctl: what its client logs, sizes, and the numbers of Raft.
  [/^\{"level".*\n/gm, ''],
  [/\d+(?:\.\d+)? [kMG]?B/g, '<size>'],
  [/(?<=, )\d+%?(?=,)/g, '<n>'],
  [/(?<=valid for )\d+(?= min)/g, '<n>'],
];

/** The same with a sign in the place of whatever no two clusters have in common: two answers that agree are equal then. */
export const comparable = (value: unknown): unknown => {
  if (typeof value === 'string') return variable.reduce((text, [found, sign]) => text.replace(found, sign), value);
  if (Array.isArray(value)) return value.map(comparable);
  if (!isJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [comparable(key), comparable(one)]));
};

/** Leaves of a JSON value, as `path: value`. */
const leaves = (value: unknown, path: string): string[] => {
  const own = Array.isArray(value) ? value.map((one, i): [string, unknown] => [String(i), one]) : undefined;
  const entries = own ?? (isJson(value) ? Object.entries(value) : []);
  if (entries.length > 0) return entries.flatMap(([key, one]) => leaves(one, `${path}/${key}`));
  return typeof value === 'string' && value.includes('\n')
    ? value.split('\n').map((line) => `${path}: ${line}`)
    : [`${path}: ${JSON.stringify(value)}`];
};

/** In what two answers of the same question differ, beyond what no two clusters have in common: `-` the real one says, `+` ours. */
export const differences = (real: Answer, simulated: Answer | undefined): string[] => {
  const [of, by] = [real, simulated].map((answer) => leaves(comparable(answer), ''));
  const [is, ours] = [new Set(of), new Set(by)];
  return [
    ...[...is].filter((line) => !ours.has(line)).map((line) => `-${line}`),
    ...[...ours].filter((line) => !is.has(line)).map((line) => `+${line}`),
  ];
};
