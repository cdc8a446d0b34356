import type { Resources } from '../gce/resources.ts';
import { readRoot, rootDescription } from '../model/marker.ts';
import type { Cluster } from '../model/cluster.ts';
import { createLine, ensure } from './resource.ts';
import type { After, CloudStep } from './world.ts';

/**
 * The root record: the API's external address, made first (its 409 is the lock against a second create) and deleted last. Its
 * description says whose everything else is; its labels come with the first lease.
 */
export const ensureRoot = (c: Cluster, created: string, after: After): CloudStep<Resources['addresses']> => {
  const ref = { kind: 'addresses', name: c.names.rootAddress, region: c.region } as const;
  const { uid, cluster, podCidr, serviceCidr } = c;
  return ensure({
    id: `address:${ref.name}`,
    title: "Reserve the API's address (root record)",
    after,
    ref,
    owner: c,
    risk: 'billing',
    expectedMs: 5000,
    timeoutMs: 300_000,
    detail: 'external address, kept until the cluster is torn down',
    gcloud: createLine(ref, ''),
    body: () => ({
      name: ref.name,
      addressType: 'EXTERNAL',
      networkTier: 'PREMIUM',
      description: rootDescription({ uid, cluster, network: c.names.network, podCidr, serviceCidr, created }),
    }),
    ours: (found) => readRoot(found.description)?.uid === c.uid && found.name === ref.name,
  });
};
