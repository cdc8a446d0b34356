import type { Role } from '../../boot/config.ts';
import type { Effect } from '../../boot/steps.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import type { Guest } from './machine.ts';
import { applyAddOns, clearHalfDone, init, joinMaster, mountDisk, restorePki, serve } from './masterEffects.ts';
import { awaitEndpoint, joinNode } from './nodeEffects.ts';
import type { Outcome } from './outcome.ts';
import { publish } from './secrets.ts';

const limits: Readonly<Record<Effect, number>> = {
  none: 0,
  disk: 120,
  'half-done': 600,
  pki: 900,
  'endpoint-route': 0,
  init: 480,
  'await-endpoint': 1800,
  'join-master': 300,
  'join-node': 300,
  serving: 600,
  publish: 600,
  'add-ons': 300,
};

/** How long an effect waits before the machine gives up, seconds; the same as in the startup script. */
export const patience = (effect: Effect, role: Role): number =>
  effect === 'await-endpoint' && role === 'node' ? Infinity : limits[effect];

const effects: Readonly<Record<Effect, (guest: Guest) => Outcome>> = {
  none: () => undefined,
  disk: mountDisk,
  'half-done': clearHalfDone,
  pki: restorePki,
  'endpoint-route': () => undefined,
  init,
  'await-endpoint': awaitEndpoint,
  'join-master': joinMaster,
  'join-node': joinNode,
  serving: serve,
  publish,
  'add-ons': applyAddOns,
};

/** Carries out one effect; what may pass by itself (a permission that has not spread yet, a lost quorum) is waited for. */
export const apply = (effect: Effect, guest: Guest): Outcome => {
  try {
    return effects[effect](guest);
  } catch (error) {
    if (OperatorError.is(error, 'permission', 'not-found', 'conflict', 'unavailable')) return error.message;
    throw error;
  }
};
