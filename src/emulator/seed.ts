import { type Cloud, newFingerprint, newId, projectNumber, timestamp } from './cloud.ts';
import { save } from './compute/catalog.ts';
import { addressText } from './compute/cidr.ts';
import { addRoute } from './compute/kinds/routes.ts';
import { linkOf, pathOf } from './compute/paths.ts';
import type { Firewall, Network, Resource, Subnetwork } from './compute/resources.ts';
import { regionNames } from './data/zones.ts';
import { putAccount } from './services/accounts.ts';

const path = 'global/networks/default';

/**
 * Initial resources of a new Google project: the auto-mode network
 * `default` with its rules, and the default service account.
 */
export const seed = (cloud: Cloud): void => {
  if (cloud.store.get('meta', 'seeded') !== undefined) return;
  cloud.store.put('meta', 'seeded', true);
  const network: Network = {
    ...base(cloud, path, 'network', 'default'),
    description: 'Default network for the project',
    autoCreateSubnetworks: true,
    routingConfig: { routingMode: 'REGIONAL' },
  };
  save(cloud, path, network);
  addRoute(cloud, path, 'default-route', '0.0.0.0/0', 'internet');
  for (const [i, region] of regionNames.entries()) seedSubnetwork(cloud, region, 128 * 2 ** 16 + i * 2 ** 12);
  for (const rule of rules) seedFirewall(cloud, rule);
  putAccount(cloud, {
    email: `${projectNumber}-compute@developer.gserviceaccount.com`,
    displayName: 'Compute Engine default service account',
    usableAt: 0,
  });
};

const base = (cloud: Cloud, at: string, type: string, name: string): Resource => ({
  kind: `compute#${type}`,
  id: newId(cloud),
  name,
  creationTimestamp: timestamp(cloud),
  selfLink: linkOf(cloud.project, at),
});

// Google's own ranges are /20 blocks of 10.128.0.0/9, one per region.
const seedSubnetwork = (cloud: Cloud, region: string, offset: number): void => {
  const at = pathOf({ region }, 'subnetworks', 'default');
  const first = 10 * 2 ** 24 + offset;
  const subnetwork: Subnetwork = {
    ...base(cloud, at, 'subnetwork', 'default'),
    region: linkOf(cloud.project, `regions/${region}`),
    network: linkOf(cloud.project, path),
    ipCidrRange: `${addressText(first)}/20`,
    gatewayAddress: addressText(first + 1),
    fingerprint: newFingerprint(cloud),
  };
  save(cloud, at, subnetwork);
  addRoute(cloud, path, 'default-route', subnetwork.ipCidrRange, 'network');
};

const rules = [
  { name: 'default-allow-icmp', sourceRanges: ['0.0.0.0/0'], allowed: [{ IPProtocol: 'icmp' }] },
  {
    name: 'default-allow-internal',
    sourceRanges: ['10.128.0.0/9'],
    allowed: [
      { IPProtocol: 'tcp', ports: ['0-65535'] },
      { IPProtocol: 'udp', ports: ['0-65535'] },
      { IPProtocol: 'icmp' },
    ],
  },
  { name: 'default-allow-rdp', sourceRanges: ['0.0.0.0/0'], allowed: [{ IPProtocol: 'tcp', ports: ['3389'] }] },
  { name: 'default-allow-ssh', sourceRanges: ['0.0.0.0/0'], allowed: [{ IPProtocol: 'tcp', ports: ['22'] }] },
] as const;

const seedFirewall = (cloud: Cloud, rule: (typeof rules)[number]): void => {
  const at = pathOf({}, 'firewalls', rule.name);
  const firewall: Firewall = {
    ...base(cloud, at, 'firewall', rule.name),
    network: linkOf(cloud.project, path),
    direction: 'INGRESS',
    priority: 65534,
    disabled: false,
    sourceRanges: rule.sourceRanges,
    allowed: rule.allowed,
  };
  save(cloud, at, firewall);
};
