import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { writeFileAtomic } from '../lib/atomicFile.ts';
import type { ObservedCluster, Snapshot } from './snapshot.ts';

const text = v.string();
const machine = { name: text, zone: text, machineType: text, status: text };
const node = v.picklist(['Ready', 'NotReady', 'unknown']);
const clusterFields = v.object({
  name: text,
  uid: text,
  region: text,
  endpoint: text,
  masters: v.array(
    v.object({
      ...machine,
      node,
      etcd: v.picklist(['leader', 'voter', 'learner', 'none', 'unknown']),
      backend: v.picklist(['healthy', 'unhealthy', 'not in the load balancer']),
      created: v.optional(v.number()),
      certificatesEnd: v.optional(v.number()),
    }),
  ),
  pools: v.array(
    v.object({
      name: text,
      zone: text,
      size: v.number(),
      stable: v.boolean(),
      nodes: v.array(v.object({ ...machine, node })),
    }),
  ),
  unreachable: v.optional(text),
  unreachableZones: v.exactOptional(v.array(text)),
  running: v.optional(v.object({ verb: text, holder: text, silentSeconds: v.exactOptional(v.number()) })),
  isProtected: v.optional(v.boolean(), false),
  kubernetesAt: v.optional(v.number()),
  unreachableSince: v.optional(v.number()),
});
// JSON has no undefined: omitted fields are restored.
const cluster = v.pipe(
  clusterFields,
  v.transform(({ unreachable, running, kubernetesAt, unreachableSince, ...rest }): ObservedCluster => ({
    ...rest,
    unreachable,
    running,
    kubernetesAt,
    unreachableSince,
  })),
);
const file = v.object({ cloud: text, project: text, at: v.number(), clusters: v.array(cluster) });

/** The snapshot that a window saved; undefined if there is none, or if it cannot be parsed. */
export const readSnapshot = (path: string): Snapshot | undefined => {
  try {
    const parsed = v.safeParse(file, JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? { ...parsed.output, fresh: false, problem: undefined } : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Saves a snapshot for the next window, without its problem, which may
 * no longer apply. Failures are ignored: the data is read again.
 */
export const saveSnapshot = (path: string, { cloud, project, at, clusters }: Snapshot): void => {
  try {
    writeFileAtomic(path, JSON.stringify({ cloud, project, at, clusters }));
  } catch {
    return;
  }
};

/** Whether two snapshots are equal, except for the times of answers. */
export const isSame = (left: Snapshot | undefined, right: Snapshot | undefined): boolean =>
  isDeepStrictEqual(left && timeless(left), right && timeless(right));

const timeless = (snapshot: Snapshot): object => ({
  ...snapshot,
  at: 0,
  clusters: snapshot.clusters.map((c) => ({ ...c, kubernetesAt: c.kubernetesAt === undefined })),
});
