import { isOurs } from '../model/marker.ts';
import type { Existing } from './existing.ts';
import { masterOfPart } from './inventory.ts';
import type { Master } from './master.ts';
import type { Reads } from './world.ts';

/**
 * Masters of which some part is there but which do not serve: their registration comes last, so who is in no group was never
 * finished (or is being taken away). A second call adopts them instead of making others (cluster.md §2); by name, because a
 * name decides what is chosen when a zone has several.
 */
export const unfinishedReplicas = async (
  world: Reads,
  existing: Pick<Existing, 'cluster' | 'has'>,
): Promise<Master[]> => {
  const { names: n } = existing.cluster;
  const parts = [...existing.has.disks, ...existing.has.addresses, ...existing.has.masters];
  const found = parts.flatMap((resource) => {
    const m = isOurs(existing.cluster, resource, /./) ? masterOfPart(resource) : undefined;
    // What its group says of it nobody knows while its zone cannot be reached.
    return m === undefined || existing.has.unreachable.includes(m.zone) ? [] : [m];
  });
  const serving = await registered(world, existing);
  const all = new Map(found.map((m) => [m.name, m]));
  return [...all.values()]
    .filter((m) => m.name !== n.firstMaster && !serving.has(m.name))
    .sort((a, b) => a.name.localeCompare(b.name));
};

const registered = async (world: Reads, existing: Pick<Existing, 'has'>): Promise<ReadonlySet<string>> => {
  const groups = existing.has.groups.map((group) =>
    world.cloud.compute.groupMembers({ kind: 'instanceGroups', name: group.name, zone: group.zone ?? '' }),
  );
  return new Set((await Promise.all(groups)).flat());
};
