import type { Cloud } from '../../cloud.ts';
import { invalidField, invalidValue } from '../../http/apiError.ts';
import type { ApiCall } from '../call.ts';
import { find, referrers, resources } from '../catalog.ts';
import { addressNumber, containsAddress, parseRange } from '../cidr.ts';
import { freeExternalIp, freeInternalIp, isTaken } from '../ipam.ts';
import type { KindRules } from '../kind.ts';
import { heldBy } from '../operations.ts';
import { linkOf, readLink, type Scope } from '../paths.ts';
import { enforceQuota } from '../quota.ts';
import type { Address } from '../resources.ts';
import { chooseSubnetwork } from './subnetworks.ts';

/** Regional static addresses. Labels sent at insert are dropped: Google accepts them through setLabels only. */
export const addressRules: KindRules = {
  collection: 'addresses',
  noun: 'address',
  type: 'address',
  services: [{ name: 'Addresses', scope: 'region' }],
  inUseAnswer: 'request',
  labelsAtInsert: false,
  references: (cloud, address: Address) =>
    address.subnetwork === undefined
      ? []
      : [{ field: 'resource.subnetwork', path: readLink(cloud.project, address.subnetwork)?.path ?? '' }],
  draft: (cloud, call, scope) => draft(cloud, call, scope),
  view: (cloud, _address, path) => {
    const users = referrers(cloud, path);
    const status = heldBy(cloud, path) === 'insert' ? 'RESERVING' : users.length > 0 ? 'IN_USE' : 'RESERVED';
    return { status, ...(users.length > 0 && { users: users.map((u) => linkOf(cloud.project, u)) }) };
  },
};

const draft = (cloud: Cloud, call: ApiCall, scope: Scope): object => {
  const type = call.body.addressType ?? 'EXTERNAL';
  const wanted = call.body.address as string | undefined;
  if (type === 'EXTERNAL') return external(cloud, wanted, scope);
  if (type !== 'INTERNAL') throw invalidField('resource.addressType', type, 'Must be EXTERNAL or INTERNAL.');
  return internal(cloud, call, wanted, scope.region ?? '');
};

const external = (cloud: Cloud, wanted: string | undefined, scope: Scope): object => {
  if (wanted !== undefined) {
    throw invalidField('resource.address', wanted, 'Only an address that is in use by this project can be promoted.');
  }
  enforceQuota(cloud, { metric: 'STATIC_ADDRESSES', scope: 'region' }, scope, 1);
  return { address: freeExternalIp(cloud), addressType: 'EXTERNAL', networkTier: 'PREMIUM' };
};

const internal = (cloud: Cloud, call: ApiCall, wanted: string | undefined, region: string): object => {
  const { path, subnetwork } = chooseSubnetwork(cloud, 'resource', call.body, { region });
  if (subnetwork === undefined) {
    throw invalidField(
      'resource.subnetwork',
      linkOf(cloud.project, path),
      'The referenced subnetwork resource cannot be found.',
    );
  }
  if (wanted !== undefined) {
    const [range, number] = [parseRange(subnetwork.ipCidrRange), addressNumber(wanted)];
    if (range === undefined || number === undefined || !containsAddress(range, number)) {
      throw invalidField('resource.address', wanted, 'Requested address is not in the subnetwork.');
    }
    if (isTaken(cloud, path, wanted))
      throw invalidValue(`Specified IP address is already reserved or in use: ${wanted}.`);
  }
  return {
    address: wanted ?? freeInternalIp(cloud, path, subnetwork),
    addressType: 'INTERNAL',
    purpose: call.body.purpose ?? 'GCE_ENDPOINT',
    subnetwork: linkOf(cloud.project, path),
    networkTier: 'PREMIUM',
  };
};

/** The reserved address with this IP: external in the region, or internal in the subnetwork. */
export const addressByIp = (
  cloud: Cloud,
  ip: string,
  where: { region: string; subnetwork?: string },
): string | undefined =>
  resources<Address>(cloud, 'addresses', `regions/${where.region}`).find(
    ({ resource }) => resource.address === ip && resource.subnetwork === where.subnetwork,
  )?.path;

/** An IP, given literally or as a link to a reserved address (gcloud sends either). */
export const ipFromField = (cloud: Cloud, field: string, value: string): string => {
  if (addressNumber(value) !== undefined) return value;
  const link = readLink(cloud.project, value);
  const address = link === undefined ? undefined : find<Address>(cloud, link.path);
  if (address === undefined) throw invalidField(field, value, 'The referenced address resource cannot be found.');
  return address.address;
};
