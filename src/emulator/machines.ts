import type { Cloud } from './cloud.ts';
import { find, resources } from './compute/catalog.ts';
import { forwardingRulesTo } from './balancer/rules.ts';
import { partsOf, readLink, regionOfZone } from './compute/paths.ts';
import type { Instance } from './compute/resources.ts';
import type { GuestMachine } from './guestRuntime.ts';
import type { Store } from './state/store.ts';

/** One boot of a machine; a machine without a boot is powered off. */
export interface Boot {
  readonly bootId: string;
  readonly startedAt: number;
}

/** Table of boots, keyed by machine path. */
export const bootTable = 'boots';

/** `zones/z/instances/i` → `z/i` */
export const machineKey = (path: string): string => path.replace(/^zones\/([^/]+)\/instances\//, '$1/');

/** `z/i` → `zones/z/instances/i` */
export const machinePath = (key: string): string => key.replace(/^([^/]+)\/(.+)$/, 'zones/$1/instances/$2');

/** A machine as its guest sees it; undefined if it is powered off or its zone is down. */
export const guestMachine = (cloud: Cloud, path: string): GuestMachine | undefined => {
  const instance = find<Instance>(cloud, path);
  const boot = cloud.store.get<Boot>(bootTable, path);
  const nic = instance?.networkInterfaces[0];
  if (instance === undefined || boot === undefined || nic === undefined) return undefined;
  const zone = partsOf(path).scope.zone ?? '';
  if (cloud.faults.isDown(zone)) return undefined;
  const externalIp = nic.accessConfigs?.[0]?.natIP;
  return {
    key: machineKey(path),
    name: instance.name,
    zone,
    region: regionOfZone(zone),
    id: instance.id,
    project: cloud.project,
    internalIp: nic.networkIP,
    ...(externalIp !== undefined && { externalIp }),
    aliasRanges: (nic.aliasIpRanges ?? []).map((a) => a.ipCidrRange),
    // Lazy: walks all load balancers, and most callers do not need it.
    get forwardedIps() {
      return forwardingRulesTo(cloud, path).map((rule) => rule.IPAddress);
    },
    labels: instance.labels ?? {},
    tags: instance.tags.items ?? [],
    disks: instance.disks.map((disk) => {
      const url = readLink(cloud.project, disk.source)?.path ?? '';
      return { deviceName: disk.deviceName, name: partsOf(url).name, zone, url, boot: disk.boot };
    }),
    ...boot,
  };
};

const walked = new WeakMap<Store, { readonly revision: number; readonly machines: readonly GuestMachine[] }>();

/** All powered-on machines. Every request to a simulated master needs them, so they are computed once per revision. */
export const runningMachines = (cloud: Cloud): readonly GuestMachine[] => {
  const { revision } = cloud.store;
  const known = walked.get(cloud.store);
  if (known?.revision === revision) return known.machines;
  const machines = resources<Instance>(cloud, 'instances').flatMap(({ path }) => guestMachine(cloud, path) ?? []);
  walked.set(cloud.store, { revision, machines });
  return machines;
};
