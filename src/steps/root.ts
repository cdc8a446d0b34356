import { message } from '../lib/message.ts';
import type { Resources } from '../gce/kinds.ts';
import { readRoot, rootDescription } from '../model/marker.ts';
import type { Cluster } from '../model/cluster.ts';
import type { OperatorError } from '../lib/operatorError.ts';
import { findRoots, type Root } from './inventory.ts';
import { rootRef } from './lease.ts';
import { takenError } from './preflight.ts';
import { createLine, ensure } from './resource.ts';
import type { After, CloudStep, Reads } from './world.ts';
import { addressStep } from './stepIds.ts';

/**
 * The root record: the API's external address, created first (its 409 is the lock against a concurrent create) and
 * deleted last. Its description identifies the owner of everything else; its labels come with the first lease.
 */
export const ensureRoot = (target: Cluster, created: string, after: After): CloudStep<Resources['addresses']> => {
  const ref = { kind: 'addresses', name: target.names.rootAddress, region: target.region } as const;
  const { uid, cluster, podCidr, serviceCidr } = target;
  return ensure({
    id: addressStep(ref.name),
    title: message('Reserve the API address (root record)'),
    after,
    ref,
    owner: target,
    risk: 'billing',
    expectedMs: 5000,
    timeoutMs: 300_000,
    detail: 'external address, kept until the cluster is torn down',
    gcloud: createLine(ref, ''),
    body: () => ({
      name: ref.name,
      addressType: 'EXTERNAL',
      networkTier: 'PREMIUM',
      description: rootDescription({ uid, cluster, network: target.names.network, podCidr, serviceCidr, created }),
    }),
    ours: (found) => readRoot(found.description)?.uid === target.uid && found.name === ref.name,
  });
};

/**
 * Checked again under the lease, right after the root record was created: addresses are regional, so two creates of one
 * name in two regions both find it free. The later of the two deletes its record again; nothing else has been created
 * under it yet.
 */
export const nameIsOurs = (cluster: Cluster, lease: CloudStep<number>): CloudStep<void, OperatorError | undefined> => ({
  id: `name:${cluster.name}`,
  title: message('Check again that the name is available'),
  after: [lease],
  timeoutMs: 300_000,
  expectedMs: 0,
  observe: (ctx) => {
    ctx.out(lease);
    return takenBefore(ctx.world, cluster);
  },
  decide: (seen) => (seen.known && seen.facts === undefined ? { do: 'nothing', out: undefined } : { do: 'hold' }),
  perform: async (ctx, _change, taken) => {
    if (taken === undefined) return;
    const { compute } = ctx.world.cloud;
    // This run is the first to hold this record, so it has just created it.
    if (ctx.out(lease) === 0) await compute.remove(await compute.own(rootRef(cluster)), ctx.call());
    throw taken;
  },
});

// The cluster that already has the name: the older record wins; at the same instant, the one with the smaller uid.
const takenBefore = async ({ cloud }: Reads, cluster: Cluster): Promise<OperatorError | undefined> => {
  const named = (await findRoots(cloud)).filter((r) => r.name === cluster.name);
  const mine = named.find((r) => r.record.uid === cluster.uid);
  const isOlder = (left: Root, right: Root): boolean =>
    left.created === right.created ? left.record.uid < right.record.uid : left.created < right.created;
  const first = named.find((r) => mine !== undefined && isOlder(r, mine));
  return first && takenError(cluster.name, first.region);
};
