import type { Versions } from '../model/versions.ts';

/** The role of a machine. `first` creates the cluster; `replica` joins it as a master, `node` as a worker. */
export type Role = 'first' | 'replica' | 'node';

/**
 * Everything a machine must know, as JSON in its metadata item `trizone-config`. It contains no secret (invariant 8):
 * keys and tokens come from Secret Manager, accessed with the machine's own identity. The machine's name, zone, and pod
 * range come from its metadata server, so one instance template serves a whole pool.
 */
export interface BootConfig {
  readonly trizone: 1;
  readonly role: Role;
  readonly cluster: string;
  readonly uid: string;
  readonly project: string;
  readonly region: string;
  readonly versions: Versions;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The internal load balancer's address: used by kubelets and joining machines. */
  readonly internalIp: string;
  /** The external load balancer's address: used by clients; included in the API server's certificate. */
  readonly externalIp: string;
  /** A master's own reserved address; absent for nodes. */
  readonly ownIp?: string;
  readonly network: string;
  readonly subnetwork: string;
  /** Secret Manager IDs. */
  readonly secrets: { readonly pki: string; readonly join: string; readonly admin: string };
  /** A node's pool name; becomes its label `trizone-pool`. */
  readonly pool?: string;
}
