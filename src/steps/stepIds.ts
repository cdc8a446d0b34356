import type { StepId } from '../engine/step.ts';

/** Step that holds a cluster's lease. */
export const leaseStep = (n: { readonly rootAddress: string }): StepId => `lease:${n.rootAddress}`;

/** Step that makes an address, also the root record. */
export const addressStep = (name: string): StepId => `address:${name}`;

/** Step that makes a master's disk. */
export const diskStep = (name: string): StepId => `disk:${name}`;

/** Step that makes a master's machine. */
export const masterStep = (name: string): StepId => `master:${name}`;

/** Step that puts a master behind the load balancer. */
export const registerStep = (name: string): StepId => `register:${name}`;

/** Step that makes a node pool: the group `name` in `zone`. */
export const poolStep = (zone: string, name: string): StepId => `pool:${zone}/${name}`;
