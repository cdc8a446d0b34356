import type { Instance } from '../../src/emulator/compute/resources.ts';
import type { EmulatedCloud } from './emulatedCloud.ts';

/** Zone of the emulator's tests. */
export const zone = 'zones/europe-west1-b';
/** Its region. */
export const region = 'regions/europe-west1';

const ubuntu = 'projects/ubuntu-os-cloud/global/images/family/ubuntu-2404-lts-amd64';

/** A small machine in the default network. */
export const machine = (name: string, more: object = {}): Record<string, unknown> => ({
  name,
  machineType: `${zone}/machineTypes/e2-standard-2`,
  disks: [{ boot: true, autoDelete: true, initializeParams: { sourceImage: ubuntu } }],
  networkInterfaces: [{ network: 'global/networks/default' }],
  ...more,
});

/** A template of small machines. */
export const template = (name: string): object => ({
  name,
  properties: {
    machineType: 'e2-small',
    disks: [{ boot: true, autoDelete: true, initializeParams: { sourceImage: ubuntu } }],
    networkInterfaces: [{ network: 'global/networks/default' }],
  },
});

/** Creates machines and waits for them. */
export const makeMachines = async (
  cloud: EmulatedCloud,
  names: readonly string[],
  more: object = {},
): Promise<Instance[]> => {
  const operations = await Promise.all(
    names.map((name) => cloud.start('POST', `${zone}/instances`, machine(name, more))),
  );
  for (const operation of operations) await cloud.end(operation);
  return Promise.all(names.map((name) => cloud.get<Instance>(`${zone}/instances/${name}`)));
};

/** Health check, backend service over the group `masters`, address, and rule on port 443; returns the address. */
export const makeBalancer = async (cloud: EmulatedCloud, members: readonly string[]): Promise<string> => {
  await cloud.do('POST', 'global/firewalls', probeRule);
  await cloud.do('POST', `${region}/healthChecks`, {
    name: 'hc',
    type: 'HTTPS',
    healthyThreshold: 1,
    httpsHealthCheck: { port: 443, requestPath: '/readyz' },
  });
  await cloud.do('POST', `${zone}/instanceGroups`, { name: 'masters', network: 'global/networks/default' });
  if (members.length > 0) await joinGroup(cloud, 'masters', members);
  await cloud.do('POST', `${region}/backendServices`, backendService('bs', ['masters']));
  await cloud.do('POST', `${region}/addresses`, { name: 'ip' });
  await cloud.do('POST', `${region}/forwardingRules`, {
    name: 'fr',
    IPAddress: `${region}/addresses/ip`,
    backendService: `${region}/backendServices/bs`,
    ports: ['443'],
  });
  return (await cloud.get<{ address: string }>(`${region}/addresses/ip`)).address;
};

/** Firewall rule that admits the balancer's probes. */
export const probeRule = {
  name: 'probes',
  network: 'global/networks/default',
  sourceRanges: ['35.191.0.0/16', '209.85.152.0/22', '209.85.204.0/22'],
  allowed: [{ IPProtocol: 'tcp', ports: ['443'] }],
};

/** Body of a backend service over groups of the zone. */
export const backendService = (name: string, groups: readonly string[]): object => ({
  name,
  healthChecks: [`${region}/healthChecks/hc`],
  backends: groups.map((g) => ({ group: `${zone}/instanceGroups/${g}`, balancingMode: 'CONNECTION' })),
});

/** Adds machines to a group. */
export const joinGroup = async (cloud: EmulatedCloud, group: string, members: readonly string[]): Promise<void> => {
  await cloud.do('POST', `${zone}/instanceGroups/${group}/addInstances`, {
    instances: members.map((m) => ({ instance: `${zone}/instances/${m}` })),
  });
};
