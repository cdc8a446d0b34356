import type { Cloud } from '../../cloud.ts';
import { invalidField, invalidValue } from '../../http/apiError.ts';
import { find, referrers } from '../catalog.ts';
import { addressNumber, containsAddress, parseRange } from '../cidr.ts';
import { aliasRange, freeExternalIp, freeInternalIp, isTaken } from '../ipam.ts';
import { linkOf, regionOfZone, type Scope } from '../paths.ts';
import { enforceQuota } from '../quota.ts';
import type { NetworkInterface, Subnetwork } from '../resources.ts';
import { addressByIp, ipFromField } from './addresses.ts';
import { chooseSubnetwork, networkOf } from './subnetworks.ts';

/** An instance's network interface with everything allocated: address, alias ranges, external address. */
export const draftInterface = (
  cloud: Cloud,
  requested: Readonly<Record<string, unknown>>,
  index: number,
  scope: Scope,
): NetworkInterface => {
  const field = `resource.networkInterfaces[${index}]`;
  const region = regionOfZone(scope.zone ?? '');
  const { path, subnetwork } = chooseSubnetwork(cloud, field, requested, { region });
  if (subnetwork === undefined) {
    throw invalidField(
      `${field}.subnetwork`,
      requested.subnetwork,
      'The referenced subnetwork resource cannot be found.',
    );
  }
  const aliases = requested.aliasIpRanges as NetworkInterface['aliasIpRanges'];
  const configs = requested.accessConfigs as NetworkInterface['accessConfigs'];
  return {
    kind: 'compute#networkInterface',
    name: `nic${index}`,
    network: linkOf(cloud.project, networkOf(cloud, subnetwork)),
    subnetwork: linkOf(cloud.project, path),
    networkIP: internalIp(cloud, `${field}.networkIP`, requested.networkIP as string | undefined, path, subnetwork),
    stackType: 'IPV4_ONLY',
    fingerprint: Buffer.from(cloud.ids.bytes(8)).toString('base64'),
    ...(aliases !== undefined && { aliasIpRanges: draftAliases(cloud, field, aliases, path, subnetwork) }),
    ...(configs !== undefined && { accessConfigs: configs.map((c) => accessConfig(cloud, field, c, region)) }),
  } as NetworkInterface;
};

const internalIp = (
  cloud: Cloud,
  field: string,
  wanted: string | undefined,
  path: string,
  subnetwork: Subnetwork,
): string => {
  if (wanted === undefined) return freeInternalIp(cloud, path, subnetwork);
  const ip = ipFromField(cloud, field, wanted);
  const [range, number] = [parseRange(subnetwork.ipCidrRange), addressNumber(ip)];
  if (range === undefined || number === undefined || !containsAddress(range, number)) {
    throw invalidField(field, wanted, 'IP address is not in the range of the subnetwork.');
  }
  const region = path.split('/')[1] ?? '';
  const reserved = addressByIp(cloud, ip, { region, subnetwork: linkOf(cloud.project, path) });
  const free = reserved === undefined ? !isTaken(cloud, path, ip) : referrers(cloud, reserved).length === 0;
  if (!free) throw invalidValue(`IP '${ip}' is already being used by another resource.`);
  return ip;
};

const draftAliases = (
  cloud: Cloud,
  field: string,
  aliases: NonNullable<NetworkInterface['aliasIpRanges']>,
  path: string,
  subnetwork: Subnetwork,
): NonNullable<NetworkInterface['aliasIpRanges']> =>
  aliases.map((alias, index) => {
    const name = alias.subnetworkRangeName;
    const text =
      name === undefined
        ? subnetwork.ipCidrRange
        : subnetwork.secondaryIpRanges?.find((r) => r.rangeName === name)?.ipCidrRange;
    const range = text === undefined ? undefined : parseRange(text);
    if (range === undefined) {
      throw invalidField(
        `${field}.aliasIpRanges[${index}].subnetworkRangeName`,
        name,
        'The secondary range does not exist in the subnetwork.',
      );
    }
    return { ...alias, ipCidrRange: aliasRange(cloud, path, range, alias.ipCidrRange) };
  });

const accessConfig = (
  cloud: Cloud,
  field: string,
  requested: NonNullable<NetworkInterface['accessConfigs']>[number],
  region: string,
): object => {
  enforceQuota(cloud, { metric: 'IN_USE_ADDRESSES', scope: 'region' }, { region }, 1);
  const base = { kind: 'compute#accessConfig', type: 'ONE_TO_ONE_NAT', name: 'external-nat', networkTier: 'PREMIUM' };
  if (requested.natIP === undefined) return { ...base, ...requested, natIP: freeExternalIp(cloud) };
  const ip = ipFromField(cloud, `${field}.accessConfigs[0].natIP`, requested.natIP);
  const reserved = addressByIp(cloud, ip, { region });
  if (reserved === undefined || find(cloud, reserved) === undefined) {
    throw invalidField(
      `${field}.accessConfigs[0].natIP`,
      requested.natIP,
      'The specified external IP address was not found.',
    );
  }
  if (referrers(cloud, reserved).length > 0) throw invalidValue(`External IP address: ${ip} is already in-use.`);
  return { ...base, ...requested, natIP: ip };
};
