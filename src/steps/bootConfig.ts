import type { BootConfig, Role } from '../boot/config.ts';
import type { Resources } from '../gce/kinds.ts';
import type { Cluster } from '../model/cluster.ts';
import type { CloudStep } from './world.ts';

/** The two addresses that every machine must know. */
export interface ClusterAddresses {
  readonly external: CloudStep<Resources['addresses']>;
  readonly internal: CloudStep<Resources['addresses']>;
}

/** What a machine of the cluster is told at boot; nothing of it is secret. */
export const bootConfig = (c: Cluster, role: Role, externalIp: string, internalIp: string): BootConfig => ({
  trizone: 1,
  role,
  cluster: c.name,
  uid: c.uid,
  project: c.project,
  region: c.region,
  versions: c.versions,
  podCidr: c.podCidr,
  serviceCidr: c.serviceCidr,
  internalIp,
  externalIp,
  network: c.names.network,
  subnetwork: c.names.subnet,
  secrets: c.names.secrets,
});
