import type { Cloud } from './cloud.ts';
import { type Boot, bootTable, guestMachine, machineKey, machinePath } from './machines.ts';

/** A guest's timer as stored in the event queue. */
export interface GuestTimer {
  readonly key: string;
  readonly bootId: string;
  readonly type: string;
  readonly payload: unknown;
}

/** Milliseconds until the timer of a machine in a zone that is down is retried. */
const downMs = 5000;

/** Delivers a guest's timer, unless the boot that set it is over; waits while the zone is down. */
export const deliverTimer = (cloud: Cloud, payload: unknown): void => {
  const { key, bootId, type, payload: inner } = payload as GuestTimer;
  if (cloud.store.get<Boot>(bootTable, machinePath(key))?.bootId !== bootId) return;
  if (cloud.faults.isDown(key.slice(0, key.indexOf('/')))) cloud.scheduler.in(downMs, 'guest', payload);
  else if (type === 'boot') boot(cloud, key);
  else cloud.guests().onEvent(key, type, inner);
};

const boot = (cloud: Cloud, key: string): void => {
  const machine = guestMachine(cloud, machinePath(key));
  if (machine !== undefined) cloud.guests().boot(machine);
};

/** Boots the guest of a machine that has just been powered on; if its zone is down, once the zone is back. */
export const bootGuest = (cloud: Cloud, path: string, bootId: string): void =>
  deliverTimer(cloud, { key: machineKey(path), bootId, type: 'boot', payload: {} } satisfies GuestTimer);
