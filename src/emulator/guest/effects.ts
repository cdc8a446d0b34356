import type { Role } from '../../boot/config.ts';
import type { BootEffect } from '../../boot/steps.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import type { Guest } from './machine.ts';
import {
  applyAddOns,
  clearHalfDone,
  simulateInit,
  simulateJoinMaster,
  mountDisk,
  restorePki,
  serve,
} from './masterEffects.ts';
import { simulateAwaitEndpoint, simulateJoinNode } from './nodeEffects.ts';
import type { BootOutcome } from './outcome.ts';
import { publish } from './secrets.ts';

const limits: Readonly<Record<BootEffect, number>> = {
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

/** Seconds that an effect waits before the machine gives up; the same as in the startup script. */
export const patience = (effect: BootEffect, role: Role): number =>
  effect === 'await-endpoint' && role === 'node' ? Infinity : limits[effect];

const effects: Readonly<Record<BootEffect, (guest: Guest) => BootOutcome>> = {
  none: () => undefined,
  disk: mountDisk,
  'half-done': clearHalfDone,
  pki: restorePki,
  'endpoint-route': () => undefined,
  init: simulateInit,
  'await-endpoint': simulateAwaitEndpoint,
  'join-master': simulateJoinMaster,
  'join-node': simulateJoinNode,
  serving: serve,
  publish,
  'add-ons': applyAddOns,
};

/**
 * Applies one effect; waits for conditions that may resolve by
 * themselves (an IAM binding still propagating, a lost quorum).
 */
export const applyEffect = (effect: BootEffect, guest: Guest): BootOutcome => {
  try {
    return effects[effect](guest);
  } catch (error) {
    if (OperatorError.is(error, 'permission', 'not-found', 'conflict', 'unavailable')) return error.message;
    throw error;
  }
};
