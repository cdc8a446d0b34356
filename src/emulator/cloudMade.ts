import type { Cloud } from './cloud.ts';
import { find, referrers, save } from './compute/catalog.ts';
import { deleteAt, insertInto, viewOf, type KindRules } from './compute/kind.ts';
import { emulatedKinds } from './compute/kinds.ts';
import { heldBy } from './compute/operations.ts';
import { linkOf, partsOf, readLink } from './compute/paths.ts';
import type { Disk, Instance, TargetPool } from './compute/resources.ts';
import type { CloudMade } from './guestRuntime.ts';
import { ApiError } from './http/apiError.ts';
import { machinePath } from './machines.ts';

/**
 * Kubernetes controllers' access to the emulated Compute Engine;
 * `lookAgain` wakes them when an operation may have ended.
 */
export const cloudMade = (cloud: Cloud, lookAgain: (master: string, afterMs: number) => void): CloudMade => {
  const change = (work: () => void): void => {
    cloud.store.transact(work);
    cloud.changed.tell();
  };
  const begin = (master: string, path: string, verb: 'insert' | 'delete', work: () => void): void => {
    try {
      change(work);
    } catch (error) {
      // Refused (quota, or the resource is in use): the controllers retry at their next pass, as Google's do.
      if (!(error instanceof ApiError)) throw error;
      return;
    }
    const [, most] = cloud.latency[`${partsOf(path).collection}.${verb}`] ?? cloud.latency.default;
    lookAgain(master, (most + 1) * 1000);
  };
  return {
    state: (path) => {
      if (heldBy(cloud, path) !== undefined) return 'busy';
      const found = find(cloud, path);
      return found === undefined ? 'absent' : { ...viewOf(cloud, rulesOf(path), path, found) };
    },
    insert: (master, path, body) => {
      const { scope, name } = partsOf(path);
      const call = { params: {}, query: {}, body: { ...body, name } };
      begin(master, path, 'insert', () => void insertInto(cloud, rulesOf(path), call, scope));
    },
    remove: (master, path) => {
      const call = { params: {}, query: {}, body: {} };
      begin(master, path, 'delete', () => {
        deleteAt(cloud, rulesOf(path), call, path, find(cloud, path)?.id ?? '');
      });
    },
    setMembers: (path, machines) => {
      const pool = find<TargetPool>(cloud, path);
      const instances = machines.map((key) => linkOf(cloud.project, machinePath(key)));
      if (pool === undefined || pool.instances.join() === instances.join()) return;
      const next: TargetPool = { ...pool, instances };
      change(() => save(cloud, path, next));
    },
    attach: (disk, machine) => {
      const wanted = machine === undefined ? undefined : machinePath(machine);
      const users = referrers(cloud, disk);
      const leaving = users.filter((user) => user !== wanted);
      for (const user of leaving) change(() => detach(cloud, user, disk));
      if (wanted !== undefined && !users.includes(wanted)) change(() => attach(cloud, wanted, disk));
    },
    networkOf: (key) => {
      const [nic] = find<Instance>(cloud, machinePath(key))?.networkInterfaces ?? [];
      return readLink(cloud.project, nic?.network ?? '')?.path ?? '';
    },
  };
};

const rulesOf = (path: string): KindRules => {
  const rules = emulatedKinds.find((k) => k.collection === partsOf(path).collection);
  if (rules === undefined) throw new Error(`Unknown kind: ${path}`);
  return rules;
};

const detach = (cloud: Cloud, machine: string, disk: string): void => {
  const instance = find<Instance>(cloud, machine);
  if (instance === undefined) return;
  const disks = instance.disks.filter((d) => readLink(cloud.project, d.source)?.path !== disk);
  const next: Instance = { ...instance, disks };
  save(cloud, machine, next);
};

const attach = (cloud: Cloud, machine: string, disk: string): void => {
  const [instance, found] = [find<Instance>(cloud, machine), find<Disk>(cloud, disk)];
  if (instance === undefined || found === undefined) return;
  const place = { source: linkOf(cloud.project, disk), deviceName: found.name, diskSizeGb: found.sizeGb };
  const added = { ...place, boot: false, autoDelete: false, index: instance.disks.length };
  const next: Instance = { ...instance, disks: [...instance.disks, added] };
  save(cloud, machine, next);
};
