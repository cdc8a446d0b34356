import type { StepId } from '../engine/step.ts';

/** What the steps of a plan are about, in the order in which a plan tells of them; the first part of a step's id says of what kind it is. */
const kinds = {
  Access: ['account', 'bindings', 'secret'],
  Network: ['address', 'addresses', 'network', 'networks', 'subnet', 'subnetworks', 'firewall', 'firewalls', 'labels'],
  'Load balancer': [
    ...['health-check', 'healthChecks', 'group', 'instanceGroups', 'backend-service', 'backendServices'],
    ...['forwarding-rule', 'forwardingRules', 'targetPools', 'httpHealthChecks'],
    ...['register', 'deregister', 'detach', 'healthy', 'quiet'],
  ],
  Disks: ['disk', 'disks', 'mark-disk'],
  Masters: [...['master', 'instances', 'boot', 'power', 'off', 'halt'], ...['guard', 'voter', 'hand-over', 'member']],
  Nodes: [
    ...[
      'template',
      'templates',
      'instanceTemplates',
      'pool',
      'instanceGroupManagers',
      'fill-pool',
      'grow',
      'shrink',
      'size',
    ],
    ...['nodes', 'restart', 'ready'],
  ],
  Cluster: [...['check', 'found', 'name', 'lease', 'protect', 'let-go', 'drain', 'forget', 'validate', 'smoke']],
} as const;

/** One of the groups of a plan. */
export type PlanGroup = keyof typeof kinds;

/** All of them, in their order. */
export const planGroups = Object.keys(kinds) as readonly PlanGroup[];

const groups = new Map<string, PlanGroup>(planGroups.flatMap((group) => kinds[group].map((kind) => [kind, group])));

/** The group of a step; undefined for a kind that stands in none. A removal is in the group of what it removes. */
export const groupOf = (id: StepId): PlanGroup | undefined =>
  groups.get(id.slice(0, id.indexOf(':')).replace(/^remove-/, ''));
