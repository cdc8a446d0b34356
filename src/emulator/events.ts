import { endDraining } from './balancer/draining.ts';
import type { Cloud } from './cloud.ts';
import { effects } from './compute/kinds.ts';
import { memberNews, retryMember } from './compute/kinds/managedMembers.ts';
import { stage } from './compute/kinds/power.ts';
import { finishOperation, runOperation } from './compute/operations.ts';
import { deliverTimer } from './guestTimers.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { ScheduledEvent } from './state/scheduler.ts';

/** Event type → handler of its payload. */
const reactions: Readonly<Record<string, (cloud: Cloud, payload: unknown) => void>> = {
  'operation.running': runOperation,
  'operation.done': (cloud, payload) => finishOperation(cloud, effects, payload),
  'instance.staging': stage,
  'group.member': memberNews,
  'group.retry': retryMember,
  guest: deliverTimer,
  'balancer.drained': endDraining,
};

/** Handles a scheduled event, inside its transaction. */
export const happen = (cloud: Cloud, event: ScheduledEvent): void => {
  const react = reactions[event.type];
  if (react === undefined) throw new OperatorError('internal', `Unknown event type: ${event.type}`);
  react(cloud, event.payload);
};
