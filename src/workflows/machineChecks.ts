import type { Cluster } from '../model/cluster.ts';
import type { ClusterAddresses } from '../steps/bootConfig.ts';
import { existingAddress } from '../steps/existing.ts';
import {
  checkApis,
  checkMachineTypes,
  checkPermissions,
  checkQuota,
  checkZone,
  resolveImage,
  type WantedMachines,
} from '../steps/preflight.ts';
import type { After, CloudStep } from '../steps/world.ts';
import type { Workflow } from './workflow.ts';

/** What every machine is built from. */
export interface MachineParts extends ClusterAddresses {
  readonly image: CloudStep<string>;
}

/** Whether an existing cluster can get these machines: APIs, permissions, zones, machine types, quotas. */
export const roomChecks = (
  into: Workflow,
  cluster: Cluster,
  wanted: WantedMachines,
): { apis: CloudStep<void>; all: After } => {
  const apis = into.add(checkApis(cluster.project));
  const permissions = into.add(checkPermissions(cluster.project, [apis]));
  const zones = new Set([...wanted.masters, ...wanted.pools].map((m) => m.zone));
  const up = into.addAll([...zones].map((zone) => checkZone(zone, [apis])));
  const types = into.add(checkMachineTypes(cluster, wanted, up));
  const quota = into.add(checkQuota(cluster, wanted, types));
  return { apis, all: [apis, permissions, ...up, types, quota] };
};

/** The same checks, plus what machines are built from. */
export const machineChecks = (
  into: Workflow,
  cluster: Cluster,
  wanted: WantedMachines,
): { all: After; parts: MachineParts } => {
  const room = roomChecks(into, cluster, wanted);
  const image = into.add(resolveImage([room.apis]));
  const external = into.add(existingAddress(cluster, cluster.names.rootAddress, [room.apis]));
  const internal = into.add(existingAddress(cluster, cluster.names.internalAddress, [room.apis]));
  return { all: [...room.all, image, external, internal], parts: { external, internal, image } };
};
