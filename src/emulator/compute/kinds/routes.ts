import { type Cloud, newId, randomHex, timestamp } from '../../cloud.ts';
import { drop, resources, save } from '../catalog.ts';
import type { KindRules } from '../kind.ts';
import { linkOf, pathOf } from '../paths.ts';
import type { Resource } from '../resources.ts';

interface Route extends Resource {
  readonly network: string;
  readonly destRange: string;
}

/** Routes are read-only here: Compute Engine creates those that networks and subnetworks need. */
export const routeRules: KindRules = {
  collection: 'routes',
  noun: 'route',
  type: 'route',
  services: [{ name: 'Routes', scope: 'global' }],
  inUseAnswer: 'request',
  draft: () => ({}),
};

/** Adds the route of a network (next hop: internet) or a subnetwork (next hop: the network). */
export const addRoute = (
  cloud: Cloud,
  network: string,
  prefix: string,
  destRange: string,
  hop: 'internet' | 'network',
): void => {
  const path = pathOf({}, 'routes', `${prefix}-${randomHex(cloud, 16)}`);
  const link = linkOf(cloud.project, network);
  const route: Route = {
    kind: 'compute#route',
    id: newId(cloud),
    name: path.split('/').at(-1) ?? '',
    creationTimestamp: timestamp(cloud),
    selfLink: linkOf(cloud.project, path),
    description:
      hop === 'internet' ? 'Default route to the Internet.' : `Default local route to the subnetwork ${destRange}.`,
    network: link,
    destRange,
    ...(hop === 'internet'
      ? { priority: 1000, nextHopGateway: linkOf(cloud.project, 'global/gateways/default-internet-gateway') }
      : { priority: 0, nextHopNetwork: link }),
  };
  save(cloud, path, route);
};

/** Removes all routes of a network, or only those to one range. */
export const removeRoutesOf = (cloud: Cloud, network: string, destRange?: string): void => {
  const link = linkOf(cloud.project, network);
  for (const { path, resource } of resources<Route>(cloud, 'routes')) {
    if (resource.network === link && (destRange === undefined || resource.destRange === destRange)) drop(cloud, path);
  }
};
