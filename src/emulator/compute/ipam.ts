import { type Cloud } from '../cloud.ts';
import { randomBelow } from '../../lib/ids.ts';
import { invalidValue } from '../http/apiError.ts';
import { resources } from './catalog.ts';
import { addressText, cidrText, containsAddress, firstFree, rangesOverlap, parseRange, type Range } from './cidr.ts';
import { linkOf } from './paths.ts';
import type { Address, ForwardingRule, Instance, Subnetwork } from './resources.ts';

// RFC 2544's benchmarking range: not routed on the internet, in case a client ever bypasses the proxy.
const externalBase = 198 * 2 ** 24 + 18 * 2 ** 16;
const externalSize = 2 ** 17;

/** An unused external address. */
export const freeExternalIp = (cloud: Cloud): string => {
  const taken = externalIps(cloud);
  for (;;) {
    const ip = addressText(externalBase + randomBelow(cloud.ids, externalSize));
    if (!taken.has(ip) && !ip.endsWith('.0') && !ip.endsWith('.255')) return ip;
  }
};

const externalIps = (cloud: Cloud): Set<string> =>
  new Set([
    ...resources<Address>(cloud, 'addresses').map((a) => a.resource.address),
    ...resources<ForwardingRule>(cloud, 'forwardingRules').map((r) => r.resource.IPAddress),
    ...resources<Instance>(cloud, 'instances').flatMap((instance) =>
      instance.resource.networkInterfaces.flatMap((n) => (n.accessConfigs ?? []).map((a) => a.natIP ?? '')),
    ),
  ]);

/** The lowest free address of the subnetwork; Google reserves the first two and the last two. */
export const freeInternalIp = (cloud: Cloud, path: string, subnetwork: Subnetwork): string => {
  const range = parseRange(subnetwork.ipCidrRange);
  const taken = internalIps(cloud, path);
  for (let n = (range?.first ?? 0) + 2; range !== undefined && n < range.first + range.size - 2; n++) {
    if (!taken.has(addressText(n))) return addressText(n);
  }
  throw invalidValue(`IP space of '${path}' is exhausted.`);
};

/** Whether an instance, a rule, or a reservation holds this address of the subnetwork. */
export const isTaken = (cloud: Cloud, path: string, ip: string): boolean => internalIps(cloud, path).has(ip);

const internalIps = (cloud: Cloud, path: string): Set<string> => {
  const link = linkOf(cloud.project, path);
  return new Set([
    ...resources<Address>(cloud, 'addresses')
      .filter((a) => a.resource.subnetwork === link)
      .map((a) => a.resource.address),
    ...resources<ForwardingRule>(cloud, 'forwardingRules')
      .filter((r) => r.resource.subnetwork === link)
      .map((r) => r.resource.IPAddress),
    ...interfacesIn(cloud, link).map((n) => n.networkIP),
  ]);
};

const interfacesIn = (cloud: Cloud, link: string): Instance['networkInterfaces'][number][] =>
  resources<Instance>(cloud, 'instances').flatMap((instance) =>
    instance.resource.networkInterfaces.filter((n) => n.subnetwork === link),
  );

/** A block for an alias range: `/24` takes the range's first free block; an explicit one must be free. */
export const aliasRange = (cloud: Cloud, path: string, range: Range, wanted: string): string => {
  const taken = interfacesIn(cloud, linkOf(cloud.project, path)).flatMap((nic) =>
    (nic.aliasIpRanges ?? []).flatMap((a) => parseRange(a.ipCidrRange) ?? []),
  );
  const bits = /^\/(\d{1,2})$/.exec(wanted)?.[1];
  if (bits !== undefined) {
    const block = firstFree(range, 2 ** (32 - Number(bits)), taken);
    if (block === undefined) throw invalidValue(`IP space of '${path}' is exhausted: no free ${wanted}.`);
    return cidrText(block);
  }
  const explicit = parseRange(wanted.includes('/') ? wanted : `${wanted}/32`);
  if (explicit === undefined || !containsAddress(range, explicit.first) || explicit.size > range.size) {
    throw invalidValue(
      `Invalid value for field 'resource.networkInterfaces[0].aliasIpRanges[0].ipCidrRange': '${wanted}'. Alias IP range is not within the subnetwork's range.`,
    );
  }
  if (taken.some((t) => rangesOverlap(t, explicit))) {
    throw invalidValue(
      `Invalid value for field 'resource.networkInterfaces[0].aliasIpRanges[0].ipCidrRange': '${wanted}'. Alias IP range is already in use.`,
    );
  }
  return cidrText(explicit);
};
