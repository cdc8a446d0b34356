import { isOurs } from '../model/marker.ts';
import type { Existing } from './existing.ts';
import { masterOfPart } from './inventory.ts';
import type { Master } from './master.ts';
import type { Reads } from './world.ts';

/**
 * Masters with existing parts that do not serve: registration comes last, so one in no group was never completed (or is
 * being removed). A repeated call adopts them instead of creating others (cluster.md §2); sorted by name, so that the
 * choice is stable if a zone has several.
 */
export const unfinishedReplicas = async (
  world: Reads,
  existing: Pick<Existing, 'cluster' | 'has'>,
): Promise<Master[]> => {
  const { names: n } = existing.cluster;
  const parts = [...existing.has.disks, ...existing.has.addresses, ...existing.has.masters];
  const found = parts.flatMap((resource) => {
    const m = isOurs(existing.cluster, resource, /./) ? masterOfPart(resource) : undefined;
    // While its zone is unreachable, its group membership is unknown.
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
