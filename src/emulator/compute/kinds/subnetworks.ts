import { type Cloud, newFingerprint } from '../../cloud.ts';
import { invalidField, invalidValue } from '../../http/apiError.ts';
import { type ApiCall, textOf } from '../call.ts';
import { addressText, rangesOverlap, parseRange, type Range } from '../cidr.ts';
import type { KindRules } from '../kind.ts';
import { find } from '../catalog.ts';
import { linkOf, pathFromField, readLink, type Scope } from '../paths.ts';
import type { Network, Subnetwork } from '../resources.ts';
import { subnetworksOf } from './networks.ts';
import { addRoute, removeRoutesOf } from './routes.ts';

/** Subnetworks with their secondary ranges. */
export const subnetworkRules: KindRules = {
  collection: 'subnetworks',
  noun: 'subnetwork',
  type: 'subnetwork',
  services: [{ name: 'Subnetworks', scope: 'region' }],
  quota: { metric: 'SUBNETWORKS', scope: 'project' },
  inUseAnswer: 'request',
  references: (cloud, subnetwork: Subnetwork) => [
    { field: 'resource.network', path: readLink(cloud.project, subnetwork.network)?.path ?? '' },
  ],
  draft: (cloud, call) => draft(cloud, call),
  inserted: {
    apply: (cloud, task) => {
      const subnetwork = find<Subnetwork>(cloud, task.target);
      if (subnetwork === undefined) return;
      for (const range of rangeTexts(subnetwork))
        addRoute(cloud, networkOf(cloud, subnetwork), 'default-route', range, 'network');
    },
  },
  deleted: (cloud, _path, subnetwork: Subnetwork) => {
    for (const range of rangeTexts(subnetwork)) removeRoutesOf(cloud, networkOf(cloud, subnetwork), range);
  },
};

/** Path of a subnetwork's network. */
export const networkOf = (cloud: Cloud, { network }: { readonly network: string }): string =>
  readLink(cloud.project, network)?.path ?? '';

/** Primary and secondary ranges of a subnetwork, as text. */
export const rangeTexts = (subnetwork: Subnetwork): string[] => [
  subnetwork.ipCidrRange,
  ...(subnetwork.secondaryIpRanges ?? []).map((r) => r.ipCidrRange),
];

const draft = (cloud: Cloud, call: ApiCall): object => {
  const network = pathFromField(cloud.project, 'resource.network', textOf(call.body, 'network'), 'networks');
  const primary = rangeFromField('resource.ipCidrRange', textOf(call.body, 'ipCidrRange'));
  const secondary = (call.body.secondaryIpRanges ?? []) as NonNullable<Subnetwork['secondaryIpRanges']>;
  const ranges = [
    primary,
    ...secondary.map((r, i) => rangeFromField(`resource.secondaryIpRanges[${i}].ipCidrRange`, r.ipCidrRange)),
  ];
  checkOverlap(cloud, network, [String(call.body.ipCidrRange), ...secondary.map((r) => r.ipCidrRange)], ranges);
  return {
    network: linkOf(cloud.project, network),
    gatewayAddress: addressText(primary.first + 1),
    fingerprint: newFingerprint(cloud),
    privateIpGoogleAccess: call.body.privateIpGoogleAccess ?? false,
    privateIpv6GoogleAccess: 'DISABLE_GOOGLE_ACCESS',
    purpose: call.body.purpose ?? 'PRIVATE',
    stackType: call.body.stackType ?? 'IPV4_ONLY',
  };
};

const rangeFromField = (field: string, text: string): Range => {
  const range = parseRange(text);
  if (range === undefined)
    throw invalidField(field, text, 'Must be a CIDR address range that is the canonical form of a network.');
  if (range.size < 8) throw invalidField(field, text, 'The range must be at least a /29.');
  return range;
};

const checkOverlap = (cloud: Cloud, network: string, texts: readonly string[], ranges: readonly Range[]): void => {
  const existing = subnetworksOf(cloud, network).flatMap(({ resource }) =>
    rangeTexts(resource).map((text) => ({ text, range: parseRange(text), name: resource.name })),
  );
  for (const [i, range] of ranges.entries()) {
    const twin = ranges.findIndex((other, j) => j < i && rangesOverlap(range, other));
    const other = existing.find((e) => e.range !== undefined && rangesOverlap(e.range, range));
    if (other !== undefined) {
      throw invalidValue(
        `Invalid IPCidrRange: ${texts[i]} conflicts with existing subnetwork '${other.name}' in network: ${other.text}.`,
      );
    }
    if (twin >= 0)
      throw invalidValue(`Invalid IPCidrRange: ${texts[i]} conflicts with range ${texts[twin]} of the same request.`);
  }
};

/** The subnetwork of an instance or address: the named one, or the only one of an auto-mode network in the region. */
export const chooseSubnetwork = (
  cloud: Cloud,
  at: string,
  wanted: { readonly network?: unknown; readonly subnetwork?: unknown },
  scope: Required<Pick<Scope, 'region'>>,
): { path: string; subnetwork: Subnetwork | undefined } => {
  if (typeof wanted.subnetwork === 'string') {
    const path = pathFromField(cloud.project, `${at}.subnetwork`, wanted.subnetwork, 'subnetworks');
    if (!path.startsWith(`regions/${scope.region}/`)) {
      throw invalidField(
        `${at}.subnetwork`,
        wanted.subnetwork,
        'Subnetwork should be in the same region as the resource.',
      );
    }
    return { path, subnetwork: find<Subnetwork>(cloud, path) };
  }
  const link = typeof wanted.network === 'string' ? wanted.network : 'global/networks/default';
  const network = pathFromField(cloud.project, `${at}.network`, link, 'networks');
  const found = find<Network>(cloud, network);
  if (found === undefined)
    throw invalidField(`${at}.network`, link, 'The referenced network resource cannot be found.');
  const own = subnetworksOf(cloud, network).find(({ path }) => path.startsWith(`regions/${scope.region}/`));
  if (found.autoCreateSubnetworks !== true || own === undefined) {
    throw invalidField(
      `${at}.network`,
      link,
      'Network interface must specify a subnet if the network resource is in custom subnet mode.',
    );
  }
  return { path: own.path, subnetwork: own.resource };
};
