import type { BootConfig, Role } from '../boot/config.ts';
import type { Resources } from '../gce/kinds.ts';
import type { Cluster } from '../model/cluster.ts';
import type { CloudStep } from './world.ts';

/** The two addresses that every machine must know. */
export interface ClusterAddresses {
  readonly external: CloudStep<Resources['addresses']>;
  readonly internal: CloudStep<Resources['addresses']>;
}

/** The boot configuration of a machine of the cluster; contains no secret. */
export const bootConfig = (cluster: Cluster, role: Role, externalIp: string, internalIp: string): BootConfig => ({
  trizone: 1,
  role,
  cluster: cluster.name,
  uid: cluster.uid,
  project: cluster.project,
  region: cluster.region,
  versions: cluster.versions,
  podCidr: cluster.podCidr,
  serviceCidr: cluster.serviceCidr,
  internalIp,
  externalIp,
  network: cluster.names.network,
  subnetwork: cluster.names.subnet,
  secrets: cluster.names.secrets,
});
