import type { Role } from './config.ts';
import { addOnsStep, care } from './parts/care.ts';
import { disk } from './parts/disk.ts';
import { firewall, guestAgent, kernel } from './parts/machine.ts';
import { certificates, endpointRoute, halfDone, pullImages, init, joinMaster, pki, serving } from './parts/masters.ts';
import { awaitEndpoint, joinNode } from './parts/nodes.ts';
import { containerd, packages } from './parts/software.ts';

/** A step's effect beyond its machine, in terms that the emulator's simulated machine implements. */
export type BootEffect =
  | 'none'
  | 'disk' // the persistent disk is formatted once and mounted
  | 'half-done' // remains of an interrupted start are removed, or a second init is refused
  | 'pki' // the cluster's CAs are created or restored
  | 'endpoint-route' // the machine itself answers at the endpoint
  | 'init'
  | 'await-endpoint' // the join secret exists and a master responds
  | 'join-master'
  | 'join-node'
  | 'serving' // own API server ok, "joined" written, ready reported
  | 'publish' // join token and admin credentials
  | 'add-ons';

/** One step of a machine's boot. Every step runs at every boot and skips work already done. */
export interface BootStep {
  readonly id: string;
  readonly title: string;
  readonly roles: readonly Role[];
  /** On the first boot, on a small machine (inferred from the lab and package sizes, not measured on Google). */
  readonly expectedSeconds: number;
  /** On a boot that finds the work done. */
  readonly againSeconds: number;
  readonly effect: BootEffect;
  /** Body of the bash function. Constant text: no value is ever inserted. */
  readonly script: string;
}

const all: readonly Role[] = ['first', 'replica', 'node'];
const masters: readonly Role[] = ['first', 'replica'];

const step = (
  id: string,
  title: string,
  roles: readonly Role[],
  [expectedSeconds, againSeconds]: readonly [number, number],
  effect: BootEffect,
  script: string,
): BootStep => ({ id, title, roles, expectedSeconds, againSeconds, effect, script });

/** A machine's boot, in order. The startup script is generated from it, and the simulated machine executes it. */
export const bootSteps: readonly BootStep[] = [
  step('guest-agent', 'Free the pod range from the guest agent', all, [3, 1], 'none', guestAgent),
  step('kernel', 'Set kernel modules and parameters', all, [2, 1], 'none', kernel),
  step('disk', 'Mount the persistent disk', masters, [6, 2], 'disk', disk),
  step('containerd', 'Install containerd', all, [15, 2], 'none', containerd),
  step('packages', 'Install kubeadm and kubelet', all, [35, 1], 'none', packages),
  step('firewall', 'Block pods from the metadata server', all, [2, 1], 'none', firewall),
  step('half-done', 'Clean up an interrupted start', masters, [2, 0], 'half-done', halfDone),
  step('pki', 'Restore or create the CAs', masters, [6, 0], 'pki', pki),
  step('certificates', 'Renew the certificates', masters, [0, 0], 'none', certificates),
  step('images', 'Pull the images', masters, [25, 0], 'none', pullImages),
  step('endpoint-route', 'Route the endpoint to this instance', ['first'], [1, 0], 'endpoint-route', endpointRoute),
  step('init', 'Initialize the cluster', ['first'], [45, 3], 'init', init),
  step('await-endpoint', 'Wait for the cluster', ['replica', 'node'], [1, 0], 'await-endpoint', awaitEndpoint),
  step('join-master', 'Join as a master', ['replica'], [40, 3], 'join-master', joinMaster),
  step('serving', 'Wait for the local API server', masters, [5, 2], 'serving', serving),
  step('publish', 'Publish the credentials', masters, [5, 2], 'publish', care),
  step('add-ons', 'Apply the add-ons', ['first'], [4, 2], 'add-ons', addOnsStep),
  step('join-node', 'Join as a node', ['node'], [18, 5], 'join-node', joinNode),
];

/** The steps of one role; progress is counted in these. */
export const stepsOf = (role: Role): readonly BootStep[] => bootSteps.filter((s) => s.roles.includes(role));
