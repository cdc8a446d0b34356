import { type Cloud, newFingerprint } from '../../cloud.ts';
import { invalidField, notFound } from '../../http/apiError.ts';
import { type ApiCall, textOf } from '../call.ts';
import { find, referrers, resources, type Reference } from '../catalog.ts';
import { addressNumber, containsAddress, parseRange } from '../cidr.ts';
import { freeExternalIp, freeInternalIp, isTaken } from '../ipam.ts';
import type { KindRules } from '../kind.ts';
import { linkOf, longPath, pathFromField, readLink, type Scope } from '../paths.ts';
import type { BackendService, ForwardingRule } from '../resources.ts';
import { addressByIp, ipFromField } from './addresses.ts';
import { chooseSubnetwork, networkOf } from './subnetworks.ts';

/**
 * Regional forwarding rules to backend services or target pools. Labels sent
 * at insert are dropped: Google accepts them through setLabels only.
 */
export const forwardingRuleRules: KindRules = {
  collection: 'forwardingRules',
  noun: 'forwarding_rule',
  type: 'forwardingRule',
  services: [{ name: 'ForwardingRules', scope: 'region' }],
  quota: { metric: 'FORWARDING_RULES', scope: 'project' },
  inUseAnswer: 'request',
  labelsAtInsert: false,
  references: (cloud, rule: ForwardingRule) => references(cloud, rule),
  draft: (cloud, call, scope) => draft(cloud, call, scope),
};

const references = (cloud: Cloud, rule: ForwardingRule): Reference[] => {
  const region = readLink(cloud.project, rule.selfLink)?.path.split('/')[1] ?? '';
  const address = addressByIp(cloud, rule.IPAddress, {
    region,
    ...(rule.subnetwork !== undefined && { subnetwork: rule.subnetwork }),
  });
  return [
    ...(address === undefined ? [] : [{ field: 'resource.IPAddress', path: address }]),
    ...[rule.backendService, rule.network, rule.subnetwork, rule.target].flatMap((link, index) => {
      const path = link === undefined ? undefined : readLink(cloud.project, link)?.path;
      return path === undefined
        ? []
        : [{ field: `resource.${['backendService', 'network', 'subnetwork', 'target'][index] ?? ''}`, path }];
    }),
  ];
};

const draft = (cloud: Cloud, call: ApiCall, scope: Scope): object => {
  const { body } = call;
  const scheme = textOf(body, 'loadBalancingScheme', 'EXTERNAL');
  const link = body.backendService as string | undefined;
  if (body.target !== undefined) return toPool(cloud, call, scheme, scope);
  if (link === undefined)
    throw invalidField(
      'resource.target',
      '',
      'This emulator supports forwarding rules to backend services and target pools only.',
    );
  const path = pathFromField(cloud.project, 'resource.backendService', link, 'backendServices');
  const service = find<BackendService>(cloud, path);
  if (service === undefined) throw notFound(longPath(cloud.project, path));
  if (service.loadBalancingScheme !== scheme) {
    throw invalidField(
      'resource.loadBalancingScheme',
      scheme,
      `The backend service has load balancing scheme ${service.loadBalancingScheme}.`,
    );
  }
  const place = scheme === 'INTERNAL' ? internal(cloud, call, service, scope) : external(cloud, call, scope);
  const fields = { IPProtocol: textOf(body, 'IPProtocol', 'TCP'), ...ports(call) };
  refuseConflict(cloud, { ...place, ...fields });
  return {
    loadBalancingScheme: scheme,
    backendService: linkOf(cloud.project, path),
    networkTier: 'PREMIUM',
    fingerprint: newFingerprint(cloud),
    ...fields,
    ...place,
  };
};

// Load balancers of Services before backend services: always external, always a port range.
const toPool = (cloud: Cloud, call: ApiCall, scheme: string, scope: Scope): object => {
  const path = pathFromField(cloud.project, 'resource.target', textOf(call.body, 'target'), 'targetPools');
  if (scheme !== 'EXTERNAL' || call.body.portRange === undefined)
    throw invalidField(
      'resource.portRange',
      '',
      'A forwarding rule to a target pool must be external and have a port range.',
    );
  const fields = {
    ...external(cloud, call, scope),
    IPProtocol: textOf(call.body, 'IPProtocol', 'TCP'),
    ...ports(call),
  };
  refuseConflict(cloud, fields);
  return { loadBalancingScheme: scheme, target: linkOf(cloud.project, path), networkTier: 'PREMIUM', ...fields };
};

const ports = ({ body }: ApiCall): Partial<ForwardingRule> => {
  const list = body.ports as readonly string[] | undefined;
  const range = body.portRange as string | undefined;
  const ways = [list !== undefined && list.length > 0, range !== undefined, body.allPorts === true];
  if (ways.filter(Boolean).length !== 1) {
    throw invalidField(
      'resource.ports',
      (list ?? []).join(','),
      'Exactly one of ports, portRange and allPorts must be specified.',
    );
  }
  if ((list?.length ?? 0) > 5)
    throw invalidField('resource.ports', list?.join(','), 'At most 5 ports can be specified.');
  for (const port of list ?? []) {
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65535)
      throw invalidField('resource.ports', port, 'Must be a port number.');
  }
  if (range !== undefined && !/^\d{1,5}(-\d{1,5})?$/.test(range))
    throw invalidField('resource.portRange', range, 'Must be a range of ports.');
  return range === undefined ? {} : { portRange: range.includes('-') ? range : `${range}-${range}` };
};

const external = (cloud: Cloud, { body }: ApiCall, scope: Scope): { IPAddress: string } => {
  const wanted = body.IPAddress as string | undefined;
  if (wanted === undefined) return { IPAddress: freeExternalIp(cloud) };
  const ip = ipFromField(cloud, 'resource.IPAddress', wanted);
  if (addressByIp(cloud, ip, { region: scope.region ?? '' }) === undefined) {
    throw invalidField(
      'resource.IPAddress',
      wanted,
      'The specified external IP address is not reserved in this region.',
    );
  }
  return { IPAddress: ip };
};

const internal = (cloud: Cloud, { body }: ApiCall, service: BackendService, scope: Scope): { IPAddress: string } => {
  const region = scope.region ?? '';
  const { path, subnetwork } = chooseSubnetwork(cloud, 'resource', body, { region });
  if (subnetwork === undefined) {
    throw invalidField('resource.subnetwork', body.subnetwork, 'The referenced subnetwork resource cannot be found.');
  }
  const network = linkOf(cloud.project, networkOf(cloud, subnetwork));
  if (service.network !== undefined && service.network !== network) {
    throw invalidField('resource.network', network, "The network must match the backend service's network.");
  }
  const wanted = body.IPAddress as string | undefined;
  const place = { network, subnetwork: linkOf(cloud.project, path) };
  if (wanted === undefined) return { IPAddress: freeInternalIp(cloud, path, subnetwork), ...place };
  const ip = ipFromField(cloud, 'resource.IPAddress', wanted);
  const range = parseRange(subnetwork.ipCidrRange);
  if (range === undefined || !containsAddress(range, addressNumber(ip) ?? 0)) {
    throw invalidField('resource.IPAddress', wanted, 'IP address is not in the range of the subnetwork.');
  }
  const reserved = addressByIp(cloud, ip, { region, subnetwork: place.subnetwork });
  const free = reserved === undefined ? !isTaken(cloud, path, ip) : referrers(cloud, reserved).every(isRule);
  if (!free)
    throw invalidField('resource.IPAddress', wanted, 'Specified IP address is in-use and would result in a conflict.');
  return { IPAddress: ip, ...place };
};

const isRule = (path: string): boolean => path.includes('/forwardingRules/');

// An internal address is unique only within its network. Google compares ports
// as well; this emulator needs only one rule per address and protocol.
const refuseConflict = (
  cloud: Cloud,
  rule: { IPAddress: string; IPProtocol: string; network?: string | undefined },
): void => {
  const clash = resources<ForwardingRule>(cloud, 'forwardingRules').find(
    ({ resource }) =>
      resource.IPAddress === rule.IPAddress &&
      resource.IPProtocol === rule.IPProtocol &&
      resource.network === rule.network,
  );
  if (clash !== undefined) {
    throw invalidField(
      'resource.IPAddress',
      rule.IPAddress,
      'Specified IP address is in-use and would result in a conflict.',
    );
  }
};
