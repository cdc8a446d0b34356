import type { Resources } from '../gce/kinds.ts';
import { message } from '../lib/message.ts';
import type { Cluster } from '../model/cluster.ts';
import { link } from '../model/links.ts';
import { markerDescription } from '../model/marker.ts';
import { createLine, ensure } from './resource.ts';
import type { After, CloudStep } from './world.ts';

/**
 * Secondary ranges of the subnet: machines take a /24 alias range from the first; the second only reserves the Service
 * range.
 */
export const rangeNames = { pods: 'pods-default', services: 'services-default' } as const;

/** The cluster's own VPC network in custom mode: it contains only our subnet. */
export const ensureNetwork = (cluster: Cluster, after: After): CloudStep<Resources['networks']> => {
  const ref = { kind: 'networks', name: cluster.names.network } as const;
  return ensure({
    id: `network:${ref.name}`,
    title: message('Create network'),
    after,
    ref,
    owner: cluster,
    expectedMs: 25_000,
    timeoutMs: 300_000,
    gcloud: createLine(ref, '--subnet-mode=custom'),
    body: () => ({ name: ref.name, autoCreateSubnetworks: false, description: markerDescription(cluster) }),
  });
};

/**
 * Subnet with the ranges of machines, pods, and Services. Machines without an external address can still reach Google's
 * APIs.
 */
export const ensureSubnet = (cluster: Cluster, after: After): CloudStep<Resources['subnetworks']> => {
  const ref = { kind: 'subnetworks', name: cluster.names.subnet, region: cluster.region } as const;
  const ranges = `${rangeNames.pods}=${cluster.podCidr},${rangeNames.services}=${cluster.serviceCidr}`;
  return ensure({
    id: `subnet:${ref.name}`,
    title: message('Create subnet'),
    after,
    ref,
    owner: cluster,
    expectedMs: 20_000,
    timeoutMs: 300_000,
    detail: `instances ${cluster.subnetCidr}, pods ${cluster.podCidr}, services ${cluster.serviceCidr}`,
    gcloud: createLine(
      ref,
      `--network=${cluster.names.network} --range=${cluster.subnetCidr} --secondary-range=${ranges}`,
    ),
    body: () => ({
      name: ref.name,
      network: link(cluster.project, 'networks', {}, cluster.names.network),
      ipCidrRange: cluster.subnetCidr,
      privateIpGoogleAccess: true,
      secondaryIpRanges: [
        { rangeName: rangeNames.pods, ipCidrRange: cluster.podCidr },
        { rangeName: rangeNames.services, ipCidrRange: cluster.serviceCidr },
      ],
      description: markerDescription(cluster),
    }),
  });
};
