import type { StepId } from '../engine/step.ts';
import { kinds as resourceKinds, removableKinds } from '../gce/kinds.ts';

/** What the steps of a plan are about, in the order in which a plan tells of them; the first part of a step's id says of what kind it is. */
const kinds = {
  Access: ['account', 'bindings', 'secret'],
  Network: ['address', 'network', 'subnet', 'firewall', 'labels'],
  'Load balancer': [
    ...['health-check', 'group', 'backend-service', 'forwarding-rule'],
    ...['register', 'deregister', 'detach', 'healthy', 'quiet'],
  ],
  Disks: ['disk', 'mark-disk'],
  Masters: [...['master', 'boot', 'power', 'off', 'halt'], ...['guard', 'voter', 'hand-over', 'member']],
  Nodes: ['template', 'templates', 'pool', 'fill-pool', 'grow', 'shrink', 'size', 'nodes', 'restart', 'ready'],
  Cluster: [...['check', 'found', 'name', 'lease', 'protect', 'let-go', 'drain', 'forget', 'validate', 'smoke']],
} as const;

/** One of the groups of a plan. */
export type PlanGroup = keyof typeof kinds;

/** All of them, in their order. */
export const planGroups = Object.keys(kinds) as readonly PlanGroup[];

const groups = new Map<string, PlanGroup>([
  ...planGroups.flatMap((group) => kinds[group].map((kind) => [kind, group] as const)),
  ...removableKinds.map((kind) => [kind, resourceKinds[kind].group] as const),
]);

/** The group of a step; undefined for a kind that stands in none. A removal is in the group of what it removes. */
export const groupOf = (id: StepId): PlanGroup | undefined =>
  groups.get(id.slice(0, id.indexOf(':')).replace(/^remove-/, ''));
