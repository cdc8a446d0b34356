import { message } from '../lib/message.ts';
import type { Ref } from '../gce/cloud.ts';
import type { Cluster } from '../model/cluster.ts';
import { markerLabels, type Part } from '../model/marker.ts';
import { knownAll, type After, type CloudStep, type Reads } from './world.ts';

/** A resource in the cluster's region whose kind accepts labels only by setLabels after insert, and its role. */
export interface Unlabelled {
  readonly kind: 'addresses' | 'forwardingRules';
  readonly name: string;
  readonly role: Part;
}

interface Found {
  readonly ref: Ref<Unlabelled['kind']>;
  readonly labels: Readonly<Record<string, string>>;
  readonly labelFingerprint: string;
}

/**
 * Adds labels for the user's filters and billing. Ownership is recorded in the description from insert, so nothing
 * waits for this step: it runs in parallel with the boots. The root record is labeled by the lease.
 */
export const labelParts = (
  cluster: Cluster,
  parts: readonly Unlabelled[],
  after: After,
): CloudStep<void, readonly Found[]> => ({
  id: `labels:${cluster.name}`,
  title: message('Label addresses and forwarding rules'),
  after,
  timeoutMs: 10 * 60_000,
  expectedMs: 5000 * parts.length,
  observe: (ctx) => {
    knownAll(ctx, after);
    return unlabelled(ctx.world, cluster, parts);
  },
  decide: (seen) => {
    const open = seen.known ? seen.facts.map((f) => f.ref.name) : parts.map((p) => p.name);
    return open.length === 0 ? { do: 'nothing', out: undefined } : { do: 'update', detail: open.join(', ') };
  },
  perform: async (ctx, _change, open) => {
    const { compute } = ctx.world.cloud;
    for (const { ref, labels, labelFingerprint } of open)
      await compute.act(await compute.own(ref), 'setLabels', { labels, labelFingerprint }, ctx.call(ref.name));
  },
});

const unlabelled = async (world: Reads, cluster: Cluster, parts: readonly Unlabelled[]): Promise<Found[]> => {
  const found = await Promise.all(
    parts.map(async ({ kind, name, role }) => {
      const ref = { kind, name, region: cluster.region } as const;
      const has = await world.cloud.compute.get(ref);
      const wanted = Object.entries(markerLabels(cluster, role));
      if (has === undefined || wanted.every(([key, value]) => has.labels[key] === value)) return [];
      const labels = { ...has.labels, ...Object.fromEntries(wanted) };
      return [{ ref, labels, labelFingerprint: has.labelFingerprint }];
    }),
  );
  return found.flat();
};
