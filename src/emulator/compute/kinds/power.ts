import { type Cloud, timestamp } from '../../cloud.ts';
import { uuid4 } from '../../../lib/ids.ts';
import type { HaltReason } from '../../guestRuntime.ts';
import { bootGuest } from '../../guestTimers.ts';
import { type Boot, bootTable, machineKey } from '../../machines.ts';
import { find, save } from '../catalog.ts';
import type { Instance } from '../resources.ts';

/** Powers on an instance: it becomes RUNNING and its guest boots. */
export const powerOnMachine = (cloud: Cloud, path: string): void => {
  const instance = find<Instance>(cloud, path);
  if (instance === undefined) return;
  const lastStartTimestamp = timestamp(cloud);
  save(cloud, path, { ...instance, status: 'RUNNING', cpuPlatform: 'Intel Broadwell', lastStartTimestamp } as Instance);
  const boot: Boot = { bootId: uuid4(cloud.ids), startedAt: cloud.clock.now() };
  cloud.store.put(bootTable, path, boot);
  bootGuest(cloud, path, boot.bootId);
};

/** Powers off an instance; does nothing if it is off. */
export const powerOff = (cloud: Cloud, path: string, how: HaltReason): void => {
  if (cloud.store.get(bootTable, path) === undefined) return;
  cloud.store.remove(bootTable, path);
  cloud.guests().halt(machineKey(path), how);
};

/** Sets an instance's status and nothing else. */
export const setStatus = (cloud: Cloud, path: string, status: string): void => {
  const instance = find<Instance>(cloud, path);
  if (instance !== undefined) save(cloud, path, { ...instance, status } as Instance);
};

/** PROVISIONING → STAGING, unless the instance has been replaced. */
export const stage = (cloud: Cloud, payload: unknown): void => {
  const { path, id } = payload as { path: string; id: string };
  const instance = find<Instance>(cloud, path);
  if (instance?.id === id && instance.status === 'PROVISIONING') setStatus(cloud, path, 'STAGING');
};
