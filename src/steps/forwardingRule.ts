import type { StepId } from '../engine/step.ts';
import type { Resources } from '../gce/kinds.ts';
import { message } from '../lib/message.ts';
import type { Cluster } from '../model/cluster.ts';
import { link } from '../model/links.ts';
import { markerDescription } from '../model/marker.ts';
import type { Scheme } from './loadBalancer.ts';
import { createLine, ensure } from './resource.ts';
import type { After, CloudStep } from './world.ts';

/** Ensures the rule that connects an address to its backend service on 443 (passthrough does not translate ports). */
export const ensureForwardingRule = (
  cluster: Cluster,
  scheme: Scheme,
  address: CloudStep<Resources['addresses']>,
  after: After,
): CloudStep<Resources['forwardingRules']> => {
  const name = scheme === 'EXTERNAL' ? cluster.names.externalLb : cluster.names.internalLb;
  const addressName = scheme === 'EXTERNAL' ? cluster.names.rootAddress : cluster.names.internalAddress;
  const ref = { kind: 'forwardingRules', name, region: cluster.region } as const;
  const id: StepId = `forwarding-rule:${name}`;
  return ensure({
    id,
    title:
      scheme === 'EXTERNAL' ? message('Create external forwarding rule') : message('Create internal forwarding rule'),
    after: [address, ...after],
    ref,
    owner: cluster,
    risk: 'billing',
    expectedMs: 10_000,
    timeoutMs: 20 * 60_000,
    gcloud: createLine(
      ref,
      `--load-balancing-scheme=${scheme} --ports=443 --address=${addressName} --backend-service=${name}`,
    ),
    body: (ctx) => ({
      name,
      loadBalancingScheme: scheme,
      IPProtocol: 'TCP',
      ports: ['443'],
      IPAddress: ctx.out(address).address,
      backendService: link(cluster.project, 'backendServices', { region: cluster.region }, name),
      ...(scheme === 'INTERNAL'
        ? {
            network: link(cluster.project, 'networks', {}, cluster.names.network),
            subnetwork: link(cluster.project, 'subnetworks', { region: cluster.region }, cluster.names.subnet),
          }
        : {}),
      description: markerDescription(cluster),
    }),
  });
};
