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
  type Wanted,
} from '../steps/preflight.ts';
import type { After, CloudStep } from '../steps/world.ts';
import type { Workflow } from './workflow.ts';

/** Ingredients of every machine. */
export interface MachineParts extends ClusterAddresses {
  readonly image: CloudStep<string>;
}

/** Whether a cluster that exists may get these machines: APIs, permissions, zones, machine types, quotas. */
export const roomChecks = (w: Workflow, c: Cluster, wanted: Wanted): { apis: CloudStep<void>; all: After } => {
  const apis = w.add(checkApis(c.project));
  const permissions = w.add(checkPermissions(c.project, [apis]));
  const zones = new Set([...wanted.masters, ...wanted.pools].map((m) => m.zone));
  const up = w.addAll([...zones].map((zone) => checkZone(zone, [apis])));
  const types = w.add(checkMachineTypes(c, wanted, up));
  const quota = w.add(checkQuota(c, wanted, types));
  return { apis, all: [apis, permissions, ...up, types, quota] };
};

/** The same, and what machines are made of. */
export const machineChecks = (w: Workflow, c: Cluster, wanted: Wanted): { all: After; parts: MachineParts } => {
  const room = roomChecks(w, c, wanted);
  const image = w.add(resolveImage([room.apis]));
  const external = w.add(existingAddress(c, c.names.rootAddress, [room.apis]));
  const internal = w.add(existingAddress(c, c.names.internalAddress, [room.apis]));
  return { all: [...room.all, image, external, internal], parts: { external, internal, image } };
};
