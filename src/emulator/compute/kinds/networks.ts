import type { Cloud } from '../../cloud.ts';
import { invalidField } from '../../http/apiError.ts';
import { referrers, resources } from '../catalog.ts';
import type { KindRules } from '../kind.ts';
import { linkOf } from '../paths.ts';
import type { Subnetwork } from '../resources.ts';
import { addRoute, removeRoutesOf } from './routes.ts';

/** VPC networks. Only custom-mode ones can be created; the project's `default` network exists from the start. */
export const networkRules: KindRules = {
  collection: 'networks',
  noun: 'network',
  type: 'network',
  services: [{ name: 'Networks', scope: 'global' }],
  quota: { metric: 'NETWORKS', scope: 'project' },
  inUseAnswer: 'operation',
  draft: (_cloud, call) => {
    if (call.body.autoCreateSubnetworks !== false) {
      throw invalidField(
        'resource.autoCreateSubnetworks',
        JSON.stringify(call.body.autoCreateSubnetworks ?? null),
        'This emulator supports custom mode networks only. Send false.',
      );
    }
    return {
      autoCreateSubnetworks: false,
      mtu: call.body.mtu ?? 1460,
      routingConfig: {
        routingMode: 'REGIONAL',
        bgpBestPathSelectionMode: 'LEGACY',
        ...(call.body.routingConfig ?? {}),
      },
      networkFirewallPolicyEnforcementOrder: 'AFTER_CLASSIC_FIREWALL',
    };
  },
  view: (cloud, _network, path) => {
    const subnetworks = referrers(cloud, path).filter((p) => p.includes('/subnetworks/'));
    return {
      ...(subnetworks.length > 0 && { subnetworks: subnetworks.map((p) => linkOf(cloud.project, p)) }),
    };
  },
  inserted: {
    apply: (cloud, task) => addRoute(cloud, task.target, 'default-route', '0.0.0.0/0', 'internet'),
  },
  deleted: (cloud, path) => removeRoutesOf(cloud, path),
};

/** The subnetworks of a network. */
export const subnetworksOf = (cloud: Cloud, networkPath: string): { path: string; resource: Subnetwork }[] =>
  resources<Subnetwork>(cloud, 'subnetworks').filter((s) => s.resource.network === linkOf(cloud.project, networkPath));
