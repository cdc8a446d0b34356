import type { StepId } from '../engine/step.ts';
import { kinds as resourceKinds, removableKinds } from '../gce/kinds.ts';

/** Groups of plan steps, in display order, each with its step kinds (the part of a step ID before the colon). */
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

/** A group of a plan. */
export type PlanGroup = keyof typeof kinds;

/** All groups, in display order. */
export const planGroups = Object.keys(kinds) as readonly PlanGroup[];

const groups = new Map<string, PlanGroup>([
  ...planGroups.flatMap((group) => kinds[group].map((kind) => [kind, group] as const)),
  ...removableKinds.map((kind) => [kind, resourceKinds[kind].group] as const),
]);

/** The group of a step; undefined if its kind has none. A removal is in the group of what it removes. */
export const groupOf = (id: StepId): PlanGroup | undefined =>
  groups.get(id.slice(0, id.indexOf(':')).replace(/^remove-/, ''));
