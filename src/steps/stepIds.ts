import type { StepId } from '../engine/step.ts';

/** Step that holds a cluster's lease. */
export const leaseStep = (n: { readonly rootAddress: string }): StepId => `lease:${n.rootAddress}`;

/** Step that reserves an address, including the root record. */
export const addressStep = (name: string): StepId => `address:${name}`;

/** Step that creates a master's disk. */
export const diskStep = (name: string): StepId => `disk:${name}`;

/** Step that creates a master's instance. */
export const masterStep = (name: string): StepId => `master:${name}`;

/** Step that adds a master to the load balancer. */
export const registerStep = (name: string): StepId => `register:${name}`;

/** Step that creates a node pool: the group `name` in `zone`. */
export const poolStep = (zone: string, name: string): StepId => `pool:${zone}/${name}`;
