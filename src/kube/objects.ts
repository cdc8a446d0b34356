import * as v from 'valibot';
import type { BoundPod, KubeLease, KubeNode, KubePod } from './kubernetes.ts';

const text = v.nullish(v.string(), '');
const labels = v.nullish(v.record(v.string(), v.string()), {});
const conditions = v.nullish(v.array(v.object({ type: v.string(), status: v.string() })), []);
const isReady = (all: v.InferOutput<typeof conditions>): boolean =>
  all.some((c) => c.type === 'Ready' && c.status === 'True');

/** A Node of the API, reduced to the fields we use. */
export const node = v.pipe(
  v.object({
    metadata: v.object({ name: v.string(), labels, annotations: labels, creationTimestamp: text }),
    spec: v.object({
      unschedulable: v.nullish(v.boolean(), false),
      taints: v.nullish(v.array(v.object({ key: v.string(), value: text, effect: v.string() })), []),
      providerID: text,
      podCIDR: text,
    }),
    status: v.object({ conditions, nodeInfo: v.nullish(v.object({ kubeletVersion: text })) }),
  }),
  v.transform(({ metadata, spec, status }): KubeNode => ({
    name: metadata.name,
    ready: isReady(status.conditions),
    unschedulable: spec.unschedulable,
    taints: spec.taints.map((t) => `${t.key}${t.value === '' ? '' : `=${t.value}`}:${t.effect}`),
    labels: metadata.labels,
    providerId: spec.providerID,
    podCidr: spec.podCIDR,
    kubeletVersion: status.nodeInfo?.kubeletVersion ?? '',
    ...certificatesEnd(metadata.annotations['trizone/certificates-end']),
    ...cordonedBy(spec.unschedulable ? metadata.annotations[cordonedByKey] : undefined),
    created: Date.parse(metadata.creationTimestamp) || 0,
  })),
);

/** Annotation of a Node cordoned by a run: the run's name. */
export const cordonedByKey = 'trizone/cordoned-by';

// If a user has uncordoned the Node since, the run has nothing left to undo.
const cordonedBy = (run: string | undefined): { cordonedBy?: string } => (run === undefined ? {} : { cordonedBy: run });

const certificatesEnd = (annotation: string | undefined): { certificatesEnd?: number } => {
  const at = Date.parse(annotation ?? '');
  return Number.isNaN(at) ? {} : { certificatesEnd: at };
};

/** A Pod of the API. */
export const pod = v.pipe(
  v.object({
    metadata: v.object({ name: v.string(), namespace: v.string(), labels }),
    spec: v.object({ nodeName: text }),
    status: v.object({ phase: text, conditions }),
  }),
  v.transform(({ metadata, spec, status }): KubePod => ({
    name: metadata.name,
    namespace: metadata.namespace,
    node: spec.nodeName,
    phase: status.phase,
    ready: isReady(status.conditions),
    labels: metadata.labels,
  })),
);

const owners = v.nullish(v.array(v.object({ kind: v.string(), controller: v.nullish(v.boolean(), false) })), []);

/** A Pod of the API, as a drain classifies it; same rules as kubectl drain (its filters.go). */
export const boundPod = v.pipe(
  v.object({
    metadata: v.object({
      name: v.string(),
      namespace: v.string(),
      annotations: labels,
      ownerReferences: owners,
      deletionTimestamp: text,
    }),
    spec: v.object({ nodeName: text }),
    status: v.object({ phase: text }),
  }),
  v.transform(({ metadata, spec, status }): BoundPod => ({
    name: metadata.name,
    namespace: metadata.namespace,
    node: spec.nodeName,
    kind: kindOf(metadata.annotations, metadata.ownerReferences, status.phase),
    ending: metadata.deletionTimestamp !== '',
  })),
);

const kindOf = (
  annotations: Readonly<Record<string, string>>,
  references: v.InferOutput<typeof owners>,
  phase: string,
): BoundPod['kind'] => {
  const owner = references.find((o) => o.controller) ?? references[0];
  if (annotations['kubernetes.io/config.mirror'] !== undefined || owner?.kind === 'Node') return 'mirror';
  if (phase === 'Succeeded' || phase === 'Failed') return 'over';
  if (owner?.kind === 'DaemonSet') return 'daemon';
  return owner === undefined ? 'bare' : 'controlled';
};

/** A Lease of the API. */
export const lease = v.pipe(
  v.object({ metadata: v.object({ name: v.string(), labels }), spec: v.nullish(v.object({ renewTime: text }), {}) }),
  v.transform(({ metadata, spec }): KubeLease => ({
    name: metadata.name,
    renewed: Date.parse(spec.renewTime) || 0,
    labels: metadata.labels,
  })),
);
