import type { Resources } from '../gce/kinds.ts';
import { message } from '../lib/message.ts';
import type { Cluster } from '../model/cluster.ts';
import { link } from '../model/links.ts';
import { markerDescription } from '../model/marker.ts';
import { createLine, ensure } from './resource.ts';
import type { After, CloudStep } from './world.ts';
import { addressStep } from './stepIds.ts';

/**
 * Reserves an internal address of the subnet. A master keeps its own for life: etcd's peer URLs and the certificates
 * contain it, so the instance behind it can be re-created.
 */
export const ensureInternalAddress = (
  cluster: Cluster,
  name: string,
  role: 'lb' | 'master',
  facts: Readonly<Record<string, string>>,
  after: After,
): CloudStep<Resources['addresses']> => {
  const ref = { kind: 'addresses', name, region: cluster.region } as const;
  return ensure({
    id: addressStep(name),
    title:
      role === 'lb'
        ? message('Reserve the internal API address')
        : message('Reserve address for {0}', facts.master ?? name),
    after,
    ref,
    owner: cluster,
    expectedMs: 5000,
    timeoutMs: 300_000,
    gcloud: createLine(ref, `--subnet=${cluster.names.subnet}`),
    body: () => ({
      name,
      addressType: 'INTERNAL',
      // SHARED_LOADBALANCER_VIP would be for several rules on one address; ours serves a single one.
      purpose: 'GCE_ENDPOINT',
      subnetwork: link(cluster.project, 'subnetworks', { region: cluster.region }, cluster.names.subnet),
      description: markerDescription(cluster, facts),
    }),
  });
};
